"""The values of an imported row in the spelling of Dateline's own forms. What is not recognised stays as it is."""

import re
from collections.abc import Collection, Mapping

from digest.regions.tree.region_tree import RegionTree
from digest.regions.tree.search_index import MAX_QUERY
from digest.subscribers.pure.content_choices import NO, YES

YES_WORDS = frozenset(("yes", "y", "true", "t", "1", "on", "x"))
NO_WORDS = frozenset(("no", "n", "false", "f", "0", "off", "none", "null"))
# 07:15, 7.15, 07:15:00, 7:15 AM. Seconds other than 00 are kept, so that they are refused.
CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?:[:.]00)?(?:\.0+)?\s*([ap])?\.?(?:m\.?)?", re.IGNORECASE)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
REGION_SEPARATORS = re.compile(r"[,;|/\r\n]+")
AROUND_REGION = " \t[](){}\"'"


def spell_fields(fields: Mapping[str, str], languages: Collection[str]) -> dict[str, str]:
    """The values of the fields of a subscription as `parse_subscription` reads them; `regions` is not changed."""
    spelled = dict(fields)
    for field in ("cadence", "size", "kinds"):
        if field in spelled:
            spelled[field] = spelled[field].casefold()
    for field, spell in (("time", _time), ("weekday", _weekday), ("show_why", _yes_or_no)):
        if field in spelled:
            spelled[field] = spell(spelled[field])
    if "language" in spelled:
        spelled["language"] = _language(spelled["language"], languages)
    return spelled


def find_regions(text: str, tree: RegionTree) -> list[str]:
    """The slugs of regions written as slugs, ISO codes or names, with any separator. Raises NotFoundError.

    Spaces separate too, unless the words around them are one name ("South Korea").
    """
    if not text:
        return []
    slugs: list[str] = []
    parts = [text] if _is_region(text, tree) else REGION_SEPARATORS.split(text)
    for part in filter(None, (part.strip(AROUND_REGION) for part in parts)):
        names = [part] if _is_region(part, tree) else part.split()
        slugs += [tree.resolve(name.strip(AROUND_REGION)).slug for name in names]
    return slugs


def _is_region(text: str, tree: RegionTree) -> bool:
    # Longer texts are cut before they are looked up.
    return len(text) <= MAX_QUERY and tree.snapshot.index.resolve(text) is not None


def _time(text: str) -> str:
    match = CLOCK.fullmatch(text)
    if match is None:
        return text
    hour, half = int(match[1]), (match[3] or "").lower()
    if half and not 1 <= hour <= 12:
        return text
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02d}:{match[2]}"


def _weekday(text: str) -> str:
    word = text.casefold().rstrip(".")
    matches = [str(number) for number, name in enumerate(WEEKDAYS) if len(word) > 2 and name.startswith(word)]
    return matches[0] if matches else text


def _yes_or_no(text: str) -> str:
    word = text.casefold()
    return YES if word in YES_WORDS else NO if word in NO_WORDS else text


def _language(text: str, languages: Collection[str]) -> str:
    """One of the languages: the same tag in another spelling, else the one without script and country."""
    tag = text.replace("_", "-").casefold()
    by_tag = {language.replace("_", "-").casefold(): language for language in languages}
    return by_tag.get(tag) or by_tag.get(tag.partition("-")[0]) or text
