"""Drops places that a report names only in company names, as Phoenix in "TORONTO - Phoenix Minerals Corp said"."""

import re

from digest.regions.pure.mentions import PLACE_KINDS, Mention
from digest.regions.pure.vocabulary import PhraseKind

_COMPANY_WORDS = (
    "Inc Corp Co Ltd Plc NV AG SA Company Holdings Group Industries Mines Minerals Resources Airlines "
    "Bank Bancorp"
)
# What follows the place: at most three words of the name, then the kind of company, also in a headline's capitals.
COMPANY_NAME = re.compile(
    r"(?:[ ,]+(?:and |of |the |& )?[A-Z][\w.&'/]*){0,3}?[ ,]+(?:"
    + "|".join([*_COMPANY_WORDS.split(), *_COMPANY_WORDS.upper().split(), "inc", "corp", "ltd", "plc"])
    + r")\b"
)
LONGEST_COMPANY_NAME = 60  # characters after the place


def drop_company_mentions(mentions: list[Mention]) -> list[Mention]:
    """Drop the mentions of countries for which only small towns or one company's name speak.

    Only a report with a dateline is filtered, because the dateline says where the report is from. A country stays if a
    dateline names it.
    """
    if not _has_dateline(mentions):
        return mentions
    by_country: dict[str, list[Mention]] = {}
    for mention in mentions:
        if mention.phrase.kind is not PhraseKind.CLUE:
            by_country.setdefault(mention.country, []).append(mention)
    dropped = {country for country, in_country in by_country.items() if _is_weakly_named(in_country)}
    return [mention for mention in mentions if mention.country not in dropped] if dropped else mentions


def _has_dateline(mentions: list[Mention]) -> bool:
    """Whether the first mention after the title is in a dateline."""
    for mention in mentions:
        if mention.where != "title":
            return mention.where == "dateline"
    return False


def _is_weakly_named(mentions: list[Mention]) -> bool:
    """Whether a country's mentions are all small towns, or all one place that a company is named after."""
    if any(mention.where == "dateline" for mention in mentions):
        return False
    phrase = mentions[0].phrase
    if all(mention.phrase.kind is PhraseKind.TOWN for mention in mentions):
        return True
    return (
        phrase.kind in PLACE_KINDS
        and all(mention.phrase is phrase for mention in mentions)
        and any(
            COMPANY_NAME.match(mention.text, mention.end, mention.end + LONGEST_COMPANY_NAME)
            for mention in mentions
        )
    )
