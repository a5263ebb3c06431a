"""Tells the entries of one document apart: which are articles of their own, and which repeat another one.

Entries with different guids are different articles, even if all of them link to one page, as in feeds of alerts. So are
entries with different headlines and links, even if the source gives all of them one guid. An anchor in a link ("#n3")
counts only where the links of the document differ by nothing else.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.articles.pure.identity import MAX_URL_LENGTH, anchor_of, canonical_url, marked_url
from digest.errors import InvalidInputError
from digest.sources.pure.entries import Entry

MAX_GUID_LENGTH = 600  # characters; PostgreSQL can't index more than some 2,700 octets
KEY_LENGTH = 12  # hexadecimal digits; equal by chance in one of 10^9 documents of 500 entries


@dataclass(frozen=True, slots=True)
class IdentifiedEntry:
    """An entry that is an article of its own.

    `url` is the canonical address that it has in its document. `own_url` is the address that it gets if another article
    has `url`; "" if nothing tells the two apart.
    """

    entry: Entry
    guid: str
    url: str
    own_url: str


@dataclass(frozen=True, slots=True)
class IdentifiedEntries:
    """The entries that are articles, in the order of the document, and what was left out.

    `repeated` counts entries that repeat an earlier one. `problems` says of each other entry why it has no address.
    """

    entries: Sequence[IdentifiedEntry]
    repeated: int
    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class _AddressedEntry:
    entry: Entry
    page: str  # canonical, without anchor
    anchor: str
    guid: str  # "" if the source gives none that means something

    @property
    def link(self) -> tuple[str, str]:
        return self.page, self.anchor


def identify_entries(entries: Iterable[Entry]) -> IdentifiedEntries:
    """Find out which entries of one document are articles, and at which address each of them is stored."""
    addressed, problems = _addressed_entries(entries)
    distinct = _without_repeats(_without_reused_guids(addressed))
    by_page: dict[str, list[_AddressedEntry]] = defaultdict(list)
    for item in distinct:
        by_page[item.page].append(item)
    anchors = {page: Counter(item.anchor for item in items) for page, items in by_page.items()}
    identified = [_identify(item, anchors[item.page]) for item in distinct]
    return IdentifiedEntries(identified, len(addressed) - len(distinct), problems)


def _addressed_entries(entries: Iterable[Entry]) -> tuple[list[_AddressedEntry], list[str]]:
    addressed, problems = list[_AddressedEntry](), list[str]()
    for entry in entries:
        try:
            page = canonical_url(entry.link)
        except InvalidInputError as error:
            problems.append(f'"{entry.title[:60]}" was left out: {error}')
            continue
        anchor = anchor_of(entry.link)
        # A guid that only repeats the link tells nothing apart: the parser sets it if the source gives none.
        guid = "" if entry.id == entry.link and not anchor else _short_guid(entry.id)
        addressed.append(_AddressedEntry(entry, page, anchor, guid))
    return addressed, problems


def _short_guid(guid: str) -> str:
    """The guid, or one that is as long as the database allows and differs for different guids."""
    if len(guid) <= MAX_GUID_LENGTH:
        return guid
    digest = hashlib.sha256(guid.encode("utf-8", "replace")).hexdigest()
    return guid[: MAX_GUID_LENGTH - len(digest)] + digest


def _without_reused_guids(items: Sequence[_AddressedEntry]) -> list[_AddressedEntry]:
    """The entries without the guids that the document gives to entries with different headlines and links."""
    first_with: dict[str, _AddressedEntry] = {}
    reused: set[str] = set()
    for item in items:
        first = first_with.setdefault(item.guid, item)
        if first.entry.title != item.entry.title and first.link != item.link:
            reused.add(item.guid)
    return [replace(item, guid="") if item.guid in reused else item for item in items]


def _without_repeats(items: Sequence[_AddressedEntry]) -> list[_AddressedEntry]:
    kept: list[_AddressedEntry] = []
    on_page: dict[str, list[_AddressedEntry]] = defaultdict(list)
    guids: set[str] = set()
    for item in items:
        if item.guid in guids or any(_is_repeat(item, earlier) for earlier in on_page[item.page]):
            continue
        kept.append(item)
        on_page[item.page].append(item)
        if item.guid:
            guids.add(item.guid)
    return kept


def _is_repeat(item: _AddressedEntry, earlier: _AddressedEntry) -> bool:
    """Whether two entries that link to one page, and have no guid in common, are one article."""
    ours, theirs = item.entry, earlier.entry
    our_date, their_date = _date_of(item), _date_of(earlier)
    has_other_date = bool(our_date and their_date) and our_date != their_date
    if item.guid and earlier.guid:
        same_text = (ours.summary, ours.content) == (theirs.summary, theirs.content)
        return ours.title == theirs.title and same_text and not has_other_date
    return ours.title == theirs.title or (item.anchor == earlier.anchor and not has_other_date)


def _identify(item: _AddressedEntry, anchors: Counter[str]) -> IdentifiedEntry:
    """The entry with its address: its page, if no other entry has that page (`anchors` are those of its entries)."""
    own_url = _own_url(item)
    if anchors.total() == 1:
        guid = item.guid or (_short_guid(item.entry.id) if item.entry.id == item.entry.link else item.page)
        return IdentifiedEntry(item.entry, guid or item.page, item.page, own_url)
    if anchors[item.anchor] > 1 or (item.anchor and own_url == item.page):
        url = marked_url(item.page, _key(item))
    else:
        url = own_url if item.anchor else item.page
    return IdentifiedEntry(item.entry, item.guid or url, url, own_url)


def _own_url(item: _AddressedEntry) -> str:
    if item.anchor and "#" not in item.page and len(item.page) + len(item.anchor) < MAX_URL_LENGTH:
        return f"{item.page}#{item.anchor}"
    return marked_url(item.page, _key(item)) if item.guid and not _is_revision(item) else ""


def _is_revision(item: _AddressedEntry) -> bool:
    """Whether the guid is the link itself, perhaps with a number that grows with each edit ("https://…/a#2")."""
    if item.guid == item.entry.link:
        return True
    if ":" not in item.guid:  # most guids that are no address; asking `canonical_url` takes longer
        return False
    try:
        return canonical_url(item.guid) == item.page
    except InvalidInputError:
        return False


def _key(item: _AddressedEntry) -> str:
    """What tells an entry from the others of its page, the same at each poll."""
    text = item.guid or f"{item.entry.title}\0{_date_of(item)}"
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


def _date_of(item: _AddressedEntry) -> datetime | None:
    return item.entry.published or item.entry.updated
