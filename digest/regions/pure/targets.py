"""Recognizes a country that something is done to: sanctions that hit it, land of it that another one occupies.

The country that acts is named more often in such a report, but the report is about both. The words are in the product's
thirteen languages, as they begin. Searching for them one by one is faster than a pattern.
"""

from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import PhraseKind

SANCTIONS = (
    "sanction", "sancion", "sanktion", "yaptırım", "sanksiya", "санкци", "სანქცი", "պատժամիջոց", "تحریم", "عقوبات",
)  # fmt: skip
SANCTIONS_WITHIN = 140  # characters before or after a country's name: about the same sentence
OCCUPIED = (
    "occupied", "annexed", "besetzt", "occupé", "ocupad", "işgal", "işğal", "оккупир", "окупован", "басып алынған",
    "ოკუპირებულ", "օկուպացված", "اشغالی", "المحتل",
)  # fmt: skip
OCCUPIED_WITHIN = 20  # characters before the name of the land, or after it, as in Arabic
TARGET_KINDS = frozenset({PhraseKind.NAME, PhraseKind.ACRONYM, PhraseKind.DEMONYM, PhraseKind.CAPITAL})
TARGET_PARTS = frozenset({"title", "dateline", "lead"})


def is_target(mention: Mention) -> bool:
    """Whether a country's name in the title or first paragraph stands near "sanctions" or beside "occupied"."""
    if mention.where not in TARGET_PARTS or mention.phrase.kind not in TARGET_KINDS:
        return False
    return _is_near(mention, SANCTIONS, SANCTIONS_WITHIN) or _is_near(mention, OCCUPIED, OCCUPIED_WITHIN)


def _is_near(mention: Mention, words: tuple[str, ...], within: int) -> bool:
    nearby = mention.text[max(mention.start - within, 0) : mention.end + within].lower()
    return any(word in nearby for word in words)
