"""Composes digests: chooses the stories of a time window for each distinct set of preferences."""

import hashlib
import json
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter

from digest.articles.pure.chapters import Chapter, last_received
from digest.articles.pure.reader_languages import prefer_languages
from digest.articles.pure.shown_story import ShownStory
from digest.articles.pure.story_kinds import mailed_kinds, shown_kinds
from digest.articles.states import ArticleKind, Kinds
from digest.articles.store import articles, threads
from digest.database import Tx
from digest.editions.pure.day_notes import DayNote, choose_subject, join_texts, notes_for
from digest.editions.pure.edition_spec import DigestPreferences
from digest.editions.pure.sections import Section, StoryRef, story_ids
from digest.editions.pure.selection import (
    MAX_STORIES_BY_SIZE,
    SORT_KEY,
    RankedStory,
    SelectedSection,
    Selection,
    StoryIndex,
    select_stories,
)
from digest.editions.pure.updates import NO_UPDATES, Updates, encode_updates
from digest.editions.states import ChangeKind
from digest.editions.store import candidates, day_notes
from digest.editions.store.candidates import LoadShown
from digest.editions.store.editions import DigestRow
from digest.editions.subjects import build_subject
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.states import OptionalKind

# How far back digests look. A window uses the shortest period that covers it, so that composing for daily subscribers
# does not load the stories of a month. A subscriber who was away for longer gets the last month.
LOOKBACKS = (timedelta(hours=36), timedelta(days=8), timedelta(days=31))
MAX_CACHED_TITLES = 200  # sets of languages that readers read; each has the headlines of a window
DAY = timedelta(days=1)  # the window of daily subscribers, for whom the shortest period is loaded
get_story_id = attrgetter("id")


@dataclass(frozen=True, slots=True)
class ComposedDigest:
    """A digest that is not stored yet.

    `late_arrivals` are its stories that were first seen before the window, but became news for its regions within it.
    A subscriber who had other regions before may have received them already.
    """

    digest: DigestRow
    late_arrivals: frozenset[int]


class Composer:
    """Composes the digests of one cutoff. What subscribers have in common is loaded and computed once.

    Threads may share it. `default_kinds` are the kinds of articles that the operator shows beside hard news. `notes_at`
    is when the notes of the day must be in force that its digests get; None: they get none. `load_shown` reads stories,
    perhaps from memory.
    """

    def __init__(
        self,
        tx: Tx,
        tree: RegionTree,
        *,
        start: datetime,
        cutoff: datetime,
        default_kinds: Iterable[ArticleKind] = (),
        notes_at: datetime | None = None,
        load_shown: LoadShown = articles.current_stories,
    ) -> None:
        self.start, self._tree = start, tree
        self._default_kinds = frozenset(default_kinds)
        self._kinds_by_choice: dict[tuple[OptionalKind, ...] | None, Kinds] = {}
        window = cutoff - start
        loaded = candidates.load_candidates(
            tx, start, cutoff, min(window, DAY) if window <= LOOKBACKS[0] else window, load_shown
        )
        self._shown = loaded.shown
        self._titles_by_languages: dict[frozenset[str], Mapping[int, str]] = {}
        self._countries_by_region: dict[str, frozenset[str]] = {}
        self._existing_regions = {region.slug for region in tree.all()}
        self._index = StoryIndex(loaded.candidates, self._countries, publishers_order=loaded.publishers_order)
        self._earlier = threads.earlier_chapters(tx, self._shown)
        # The earlier chapters of the affairs that this window's stories belong to.
        self.earlier_story_ids = frozenset(
            chapter.story_id for chapters in self._earlier.values() for chapter in chapters
        )
        self._day_notes = self._load_notes(tx, notes_at)
        # All digests with a story share one tuple, because planning makes millions of references.
        self._story_refs = {c.id: (c.id, c.version) for c in loaded.candidates}

    def compose(
        self,
        preferences: DigestPreferences,
        start: datetime,
        *,
        note: str = "",
        without: frozenset[int] = frozenset(),
        is_first: bool = False,
    ) -> ComposedDigest | None:
        """The digest for these preferences with the news since `start`; None when there is nothing new.

        `without` are the stories to leave out, because the subscribers received them before. `is_first`: its subject
        says that it is the first.
        """
        selection = self.select_stories(preferences, start, without)
        # The mail's sections come first, because a mail shows only the first stories, as many as the subscriber wants.
        sections = tuple(self._section(selected) for selected in (*selection.mail, *selection.web_only))
        if not sections:
            return None
        titles = self._titles(preferences.content.reads(preferences.language))
        headlines = (titles[story_id] for _, stories in sections for story_id, _ in stories)
        count = sum(len(stories) for _, stories in sections)
        second = titles[sections[1].stories[0][0]] if len(sections) > 1 else ""
        notes = self.notes_of_day(preferences)
        own_subject = "" if is_first else choose_subject(notes)
        subject = own_subject or build_subject(
            preferences.language, headlines, count, second=second, is_first=is_first
        )
        digest = DigestRow(
            preferences.key,
            start,
            subject,
            sections,
            fingerprint(subject, sections, join_texts(note, notes)),
            _hash_story_ids(without),
            day_note_ids=tuple(day_note.id for day_note in notes),
        )
        return ComposedDigest(digest, selection.late_arrivals)

    def mark_updates(
        self, composed: ComposedDigest, note: str, received: Collection[int] | None = None
    ) -> ComposedDigest:
        """The digest with its updates: the stories of which its subscribers received an earlier chapter.

        `received` are the stories that they received before this window; None for all that were sent.
        """
        digest = composed.digest
        updates: dict[int, Chapter] = {}
        for story_id in self._earlier.keys() & story_ids(digest.sections):
            earlier = self._earlier[story_id]
            known = {chapter.story_id for chapter in earlier} if received is None else received
            if chapter := last_received(earlier, known):
                updates[story_id] = chapter
        if not updates:
            return composed
        notes = [day_note for day_note in self._day_notes if day_note.id in digest.day_note_ids]
        proof = fingerprint(digest.subject, digest.sections, join_texts(note, notes), updates)
        return replace(composed, digest=replace(digest, updates=updates, hash=proof))

    def with_day_notes(self, tx: Tx, at: datetime | None) -> "Composer":
        """The same composer with the notes of the day in force at `at`; they share all stories."""
        composer = copy(self)
        composer._day_notes = self._load_notes(tx, at)
        return composer

    def notes_of_day(self, preferences: DigestPreferences) -> tuple[DayNote, ...]:
        """The notes of the day that readers with these preferences get."""
        if not self._day_notes:
            return ()
        regions = [slug for slug in preferences.regions if slug in self._existing_regions]
        return notes_for(self._day_notes, regions, lambda slug: self._tree.countries_of([slug]))

    def select_stories(
        self, preferences: DigestPreferences, start: datetime, without: frozenset[int] = frozenset()
    ) -> Selection:
        """The stories of the digest for these preferences, in its sections."""
        # A region may have been removed from the tree since somebody chose it.
        regions = [slug for slug in preferences.regions if slug in self._existing_regions]
        max_in_mail = MAX_STORIES_BY_SIZE[preferences.size]
        return select_stories(
            self._index,
            regions,
            start=max(start, self.start),
            max_in_mail=max_in_mail,
            kinds=self._kinds(preferences.content.kinds),
            without=without,
        )

    def rank_region(self, region: str, start: datetime, kinds: Kinds | None = None) -> Sequence[RankedStory]:
        """All stories that are new in a region since `start`, best first, however many a mail may have.

        `kinds` are the kinds to show; None for those that subscribers get who chose none.
        """
        shown = self._kinds(None) if kinds is None else kinds
        stories = self._index.stories_for(region, max(start, self.start), shown)
        return sorted(stories.new.values(), key=SORT_KEY)

    @property
    def story_count(self) -> int:
        """How many stories it has loaded."""
        return len(self._shown)

    def shown_story(self, story_id: int) -> ShownStory:
        """What a digest shows of a story of the window."""
        return self._shown[story_id]

    def sent_chapter(self, story_id: int) -> Chapter | None:
        """The newest chapter that was sent before a story; None if readers get the story as a new one."""
        earlier = self._earlier.get(story_id, ())
        return last_received(earlier, {chapter.story_id for chapter in earlier})

    def _load_notes(self, tx: Tx, at: datetime | None) -> Sequence[DayNote]:
        in_force = day_notes.in_force(tx, at) if at else ()
        return [one for one in in_force if one.region in self._existing_regions]

    def _kinds(self, chosen: tuple[OptionalKind, ...] | None) -> Kinds:
        """The kinds that a digest shows: of those that subscribers can choose, the chosen ones, else the default."""
        if chosen not in self._kinds_by_choice:
            self._kinds_by_choice[chosen] = mailed_kinds(shown_kinds(self._default_kinds, chosen))
        return self._kinds_by_choice[chosen]

    def _titles(self, languages: frozenset[str]) -> Mapping[int, str]:
        """The headline of each story for readers of these languages."""
        titles = self._titles_by_languages.get(languages)
        if titles is None:
            if len(self._titles_by_languages) >= MAX_CACHED_TITLES:
                self._titles_by_languages.clear()
            titles = self._titles_by_languages[languages] = {
                story_id: prefer_languages(story, languages).lead.title
                for story_id, story in self._shown.items()
            }
        return titles

    def _section(self, selected: SelectedSection) -> Section:
        return Section(
            selected.region, tuple(map(self._story_refs.__getitem__, map(get_story_id, selected.stories)))
        )

    def _countries(self, region: str) -> frozenset[str]:
        if region not in self._countries_by_region:
            self._countries_by_region[region] = self._tree.countries_and_groups(region)
        return self._countries_by_region[region]


def fingerprint(subject: str, sections: Iterable[Section], note: str, updates: Updates = NO_UPDATES) -> str:
    """A hash of all that a digest shows. Equal hashes prove that the digest sent is the digest previewed."""
    rows = list(sections)
    values: list[object] = [subject, note, [(region, len(stories)) for region, stories in rows]]
    if updates:  # so that hashes from before there were updates stay valid
        values.append(encode_updates(updates))
    digest = hashlib.sha256(json.dumps(values).encode())
    for _, stories in rows:
        digest.update(array("q", chain.from_iterable(stories)).tobytes())
    return digest.hexdigest()


def merge_by_region(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Each region once with all of its stories, as the web edition shows them."""
    stories_by_region: dict[str, list[StoryRef]] = {}
    for region, stories in sections:
        stories_by_region.setdefault(region, []).extend(stories)
    return tuple(Section(region, tuple(stories)) for region, stories in stories_by_region.items())


def find_changed_stories(
    before: Iterable[Section], current: dict[int, tuple[int, bool]]
) -> Iterator[tuple[int, ChangeKind]]:
    """The ids of stories that changed since a digest was composed, with the kind of change.

    `current` has the version of each story now, and whether it is hidden.
    """
    for _, stories in before:
        for story_id, version in stories:
            current_state = current.get(story_id)
            if current_state is None:
                yield story_id, ChangeKind.GONE
                continue
            current_version, hidden = current_state
            if hidden:
                yield story_id, ChangeKind.HIDDEN
            elif current_version != version:
                yield story_id, ChangeKind.CHANGED


def _hash_story_ids(story_ids: frozenset[int]) -> str:
    """A short hash of some story ids; "" for none."""
    return hashlib.sha256(json.dumps(sorted(story_ids)).encode()).hexdigest()[:32] if story_ids else ""
