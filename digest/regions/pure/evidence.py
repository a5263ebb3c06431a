"""The words that speak for a tag, and how much the part of a text counts in which they stand."""

from collections.abc import Iterable
from typing import NamedTuple

from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import PhraseKind, TextPart

MOST_EVIDENCE = 5  # words per tag: enough to show why
TEXT_PART_WEIGHT: dict[TextPart, float] = {"title": 3.8, "dateline": 5.5, "lead": 1.7, "text": 1.0}
KIND_VALUE = {kind: str(kind) for kind in PhraseKind}  # a lookup is faster than an Enum's own value


class Evidence(NamedTuple):
    """Words that speak for a country, as the text writes them; the part of the text; and their kind ("capital")."""

    where: TextPart
    words: str
    kind: str = ""


def collect_evidence(mentions: Iterable[Mention], title: str, text: str) -> tuple[Evidence, ...]:
    """The evidence of mentions, of which the heaviest come first; the same words in the same text part once."""
    evidence: dict[tuple[TextPart, str], Evidence] = {}
    for mention in mentions:
        where = mention.where
        words = mention.words(title if where == "title" else text)
        if (where, words) not in evidence:
            evidence[where, words] = Evidence(where, words, KIND_VALUE[mention.phrase.kind])
            if len(evidence) == MOST_EVIDENCE:
                break
    return tuple(evidence.values())
