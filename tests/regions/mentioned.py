"""Mentions made by hand, as the finder finds them, for tests of the rules that weigh them."""

from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import CERTAIN_LIKELIHOOD, Phrase, PhraseKind, TextPart


def phrase(text: str, kind: PhraseKind, meanings: str) -> Phrase:
    """A phrase with meanings as the data has them: "US:6.0 CA:5.0"; without a number a country's own name."""
    pairs = [each.partition(":") for each in meanings.split()]
    return Phrase(
        text,
        kind,
        tuple((code, float(number) if number else CERTAIN_LIKELIHOOD) for code, _, number in pairs),
    )


def mention(
    text: str,
    kind: PhraseKind,
    meanings: str,
    where: TextPart = "text",
    *,
    before: str = "",
    after: str = "",
    country: str = "",
) -> Mention:
    """A mention of a phrase between other words."""
    whole = f"{before}{text}{after}"
    found = phrase(text, kind, meanings)
    return Mention(len(before), len(before) + len(text), found, whole, where, country)
