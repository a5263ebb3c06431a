"""Searches a title for the forms of one kind, each a regular expression that must not be an alternation by itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

AT_START, AT_WORD = "^", r"\b"


@dataclass(frozen=True, slots=True)
class TitlePattern:
    """The forms of one kind, by where they may begin: one alternation of all would be tried at each character."""

    at_start: re.Pattern[str] | None
    elsewhere: Sequence[re.Pattern[str]]

    def search(self, title: str) -> str:
        """The words of a title that have one of the forms; "" if it has none of them.

        >>> compile_forms(["^how to ", r"\\bpromo codes?\\b"]).search("A promo code for all")
        'promo code'
        """
        match = self.at_start.match(title) if self.at_start else None
        for pattern in self.elsewhere if match is None else ():
            match = pattern.search(title)
            if match is not None:
                break
        return match[0].strip() if match else ""


def compile_forms(forms: Sequence[str]) -> TitlePattern:
    """The pattern of these forms. Case does not matter, except where a form says so."""
    at_start = [form for form in forms if form.startswith(AT_START)]
    at_word = [form.removeprefix(AT_WORD) for form in forms if form.startswith(AT_WORD)]
    anywhere = [form for form in forms if not form.startswith((AT_START, AT_WORD))]
    elsewhere = [rf"{AT_WORD}(?:{'|'.join(at_word)})"] if at_word else []
    elsewhere += ["|".join(anywhere)] if anywhere else []
    return TitlePattern(
        re.compile("|".join(at_start), re.IGNORECASE) if at_start else None,
        [re.compile(text, re.IGNORECASE) for text in elsewhere],
    )
