"""Places that a report has in firms' names only: "Phoenix Minerals Corp said" in a report from Toronto."""

import re

from digest.regions.pure.mentions import PLACES, Mention
from digest.regions.pure.vocabulary import Kind

_KINDS = "Inc Corp Co Ltd Plc NV AG SA Company Holdings Group Industries Mines Minerals Resources Airlines Bank Bancorp"
# After a place, some words of the name and what kind of firm it is, also in a title's capitals.
FIRM = re.compile(
    r"(?:[ ,]+(?:and |of |the |& )?[A-Z][\w.&'/]*){0,3}?[ ,]+(?:"
    + "|".join([*_KINDS.split(), *_KINDS.upper().split(), "inc", "corp", "ltd", "plc"])
    + r")\b"
)
LONGEST_NAME = 60  # characters after the place


def without_firms(mentions: list[Mention]) -> list[Mention]:
    """Without a country that only small towns, or one city or state in a firm's name, speak for, and no dateline."""
    if not _has_dateline(mentions):
        return mentions
    by_country: dict[str, list[Mention]] = {}
    for mention in mentions:
        if mention.phrase.kind is not Kind.CLUE:
            by_country.setdefault(mention.country, []).append(mention)
    named = {country for country, found in by_country.items() if _is_a_firm(found)}
    return [mention for mention in mentions if mention.country not in named] if named else mentions


def _has_dateline(mentions: list[Mention]) -> bool:
    for mention in mentions:
        if mention.where != "title":
            return mention.where == "dateline"
    return False


def _is_a_firm(found: list[Mention]) -> bool:
    if any(mention.where == "dateline" for mention in found):
        return False
    phrase = found[0].phrase
    if all(mention.phrase.kind is Kind.TOWN for mention in found):
        return True
    return (
        phrase.kind in PLACES
        and all(mention.phrase is phrase for mention in found)
        and any(FIRM.match(mention.text, mention.end, mention.end + LONGEST_NAME) for mention in found)
    )
