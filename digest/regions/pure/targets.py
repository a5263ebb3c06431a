"""Recognizes a country that something is done to: sanctions that hit it, land of it that another one occupies.

The country that acts is named more often in such a report, but the report is about both.
"""

import re

from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import PhraseKind

NEAR = 140  # characters before or after a mention: about the same sentence
ADJACENT = 24  # characters before a mention
# "Sanctions" in the product's thirteen languages; a word may go on after these letters.
SANCTIONS = re.compile(
    r"\b(?:sanction(?:s|ed|ing)\b|sanction|sancion|sanktion|yaptırım|sanksiya|санкци|სანქცი|պատժամիջոց|تحریم|عقوبات)",
    re.IGNORECASE,
)
# "Occupied" or "annexed" before the name of the land.
OCCUPIED = re.compile(
    r"(?:\b(?:occupied|annexed|besetzt\w*|occupée?s?|ocupad[oa]s?|işgal altındaki|işğal \w+"
    r"|оккупирован\w+|окупован\w+|басып алынған|ოკუპირებულ\w*|օկուպացված|اشغالی|المحتلة?)\b)[^.!?]{0,12}$",
    re.IGNORECASE,
)
TARGET_KINDS = frozenset({PhraseKind.NAME, PhraseKind.ACRONYM, PhraseKind.DEMONYM, PhraseKind.CAPITAL})
TARGET_PARTS = frozenset({"title", "dateline", "lead"})


def is_target(mention: Mention) -> bool:
    """Whether a country's name in the title or first paragraph stands near "sanctions" or after "occupied"."""
    if mention.where not in TARGET_PARTS or mention.phrase.kind not in TARGET_KINDS:
        return False
    start, text = mention.start, mention.text
    return bool(
        OCCUPIED.search(text[max(start - ADJACENT, 0) : start])
        or SANCTIONS.search(text, max(start - NEAR, 0), mention.end + NEAR)
    )
