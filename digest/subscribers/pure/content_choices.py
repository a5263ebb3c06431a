"""What a subscriber chooses beside regions: kinds of articles, the languages they read, and whether to see why."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from digest.errors import TranslatableText
from digest.i18n.locales import is_language, primary_subtag
from digest.subscribers.states import OptionalKind

NO_KINDS = "none"  # the value of `kinds` for news only; an empty value is the operator's default
MAX_LANGUAGES = 20  # that one subscriber may read; only a script sends more
YES, NO = "yes", "no"
SEPARATORS = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class ContentChoices:
    """What subscribers choose beside regions, language and size. The defaults are those of who chose nothing."""

    kinds: tuple[OptionalKind, ...] | None = None  # beside news; None: the operator's default
    languages_read: tuple[str, ...] = ()  # sorted primary subtags; none: the language of the digest
    show_why: bool = False  # whether each story shows why it is in the digest

    def as_json(self) -> dict[str, Any]:
        """The choices as letters and editions store them."""
        return {
            "kinds": None if self.kinds is None else list(self.kinds),
            "languages_read": list(self.languages_read),
            "show_why": self.show_why,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ContentChoices":
        """The choices that were stored. What is missing was stored before it could be chosen."""
        kinds = data.get("kinds")
        return cls(
            None if kinds is None else tuple(map(OptionalKind, kinds)),
            tuple(data.get("languages_read", ())),
            bool(data.get("show_why", False)),
        )

    def reads(self, language: str) -> frozenset[str]:
        """The languages to prefer in a digest in `language`."""
        return frozenset(self.languages_read or (primary_subtag(language),))

    def as_values(self) -> dict[str, str]:
        """The choices as a CSV file has them, and as `parse_content` reads them."""
        kinds = "" if self.kinds is None else " ".join(self.kinds) or NO_KINDS
        return {
            "kinds": kinds,
            "languages_read": " ".join(self.languages_read),
            "show_why": YES if self.show_why else NO,
        }


DEFAULT_CONTENT = ContentChoices()


def parse_content(
    values: Mapping[str, str], errors: dict[str, str], *, language: str, default_kinds: Collection[str] = ()
) -> ContentChoices:
    """The choices in `kinds`, `languages_read` (both separated by spaces or commas) and `show_why` ("yes", "no").

    Choices equal to the defaults are stored as the defaults, so that their subscribers share one digest: kinds equal
    to the operator's default follow it when it changes. Adds a sentence to `errors` for each wrong field.
    """
    return ContentChoices(
        _parse_kinds(values.get("kinds", ""), errors, default_kinds),
        _parse_languages(values.get("languages_read", ""), errors, language),
        _parse_yes_or_no(values.get("show_why", ""), errors),
    )


def _parse_kinds(
    text: str, errors: dict[str, str], default_kinds: Collection[str]
) -> tuple[OptionalKind, ...] | None:
    words = _words(text)
    if not words:
        return None
    chosen = set(words) - {NO_KINDS}
    for word in words:
        if word != NO_KINDS and word not in set(OptionalKind):
            errors["kinds"] = TranslatableText(
                'Also: "%(value)s" is none of %(known)s.', value=word[:20], known=", ".join(OptionalKind)
            )
            return None
    if chosen == set(default_kinds):
        return None
    return tuple(kind for kind in OptionalKind if kind in chosen)


def _parse_languages(text: str, errors: dict[str, str], language: str) -> tuple[str, ...]:
    words = _words(text)
    for word in words:
        if not is_language(primary_subtag(word)):
            errors["languages_read"] = TranslatableText(
                'Languages you read: "%(value)s" is not the code of a language (example: en).',
                value=word[:20],
            )
            return ()
    chosen = sorted(set(map(primary_subtag, words)))
    if len(chosen) > MAX_LANGUAGES:
        errors["languages_read"] = TranslatableText(
            "Languages you read: at most %(most)s can be chosen.", most=MAX_LANGUAGES
        )
        return ()
    return () if chosen == [primary_subtag(language)] else tuple(chosen)


def _parse_yes_or_no(text: str, errors: dict[str, str]) -> bool:
    if text not in ("", YES, NO):
        errors["show_why"] = TranslatableText('Show why: "%(value)s" is neither yes nor no.', value=text[:20])
    return text == YES


def _words(text: str) -> list[str]:
    return list(filter(None, SEPARATORS.split(text.lower())))
