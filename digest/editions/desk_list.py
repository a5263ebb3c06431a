"""The stories of the day as the newsroom's desk lists them: ranked as the subscribers of a region will see them."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digest.articles.pure.chapters import Chapter
from digest.articles.pure.shown_story import ShownArticle, ShownStory
from digest.articles.states import ArticleKind, Kinds
from digest.articles.store import articles, desk
from digest.database import Tx
from digest.editions.composer import Composer
from digest.editions.kept_composers import KeptComposers, end_of_minute
from digest.editions.pure.ranking import Contribution
from digest.editions.pure.selection import MAX_STORIES_BY_SIZE, RankedStory
from digest.editions.store import candidates
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.states import DigestSize

DESK_WINDOW = timedelta(days=1)  # the news that daily subscribers get
# Stories of a page: the first has those of a usual mail. A hundred on one would be 15,000 pixels high.
PAGE_SIZE = MAX_STORIES_BY_SIZE[DigestSize.STANDARD]
MAX_SUGGESTIONS = 3  # stories that one may belong together with
ALL_KINDS: Kinds = frozenset(ArticleKind)


class Show(StrEnum):
    """Which stories of the day are listed."""

    ALL = "all"
    UNREVIEWED = "unreviewed"
    PINNED = "pinned"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class DeskQuery:
    """What an editor looks at: a region's stories, of these kinds, with `text` in a headline."""

    region: str
    kinds: Kinds | None = None  # None: those that subscribers get who chose none
    text: str = ""
    show: Show = Show.ALL
    page: int = 1


@dataclass(frozen=True, slots=True)
class RelatedStory:
    """Another story of the same affair on the desk, which may be the same event."""

    id: int
    title: str
    language: str


@dataclass(frozen=True, slots=True)
class DeskStory:
    """A story on the desk."""

    place: int  # in the whole list, from 1
    id: int
    lead: ShownArticle
    reports: tuple[ShownArticle, ...]  # those of the other sources
    countries: tuple[str, ...]
    groups: tuple[str, ...]  # slugs of groups that the lead is about as a whole
    kind: ArticleKind
    first_seen_at: datetime
    hidden: bool
    reviewed: bool
    pinned: int = 0  # rank among the pinned stories; 0: not pinned
    points: float = 0.0
    why: tuple[Contribution, ...] = ()
    update_of: Chapter | None = None  # readers who got this chapter get the story as an update
    related: tuple[RelatedStory, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """A page of the desk: its stories, how many match in all, and how many of the region are unreviewed."""

    stories: Sequence[DeskStory]
    total: int
    unreviewed: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """A story before its page is known; hidden ones have no rank."""

    story: ShownStory
    ranked: RankedStory | None

    @property
    def pinned(self) -> int:
        return self.ranked.candidate.pinned if self.ranked else 0


def load_desk(
    tx: Tx,
    tree: RegionTree,
    query: DeskQuery,
    now: datetime,
    *,
    composers: KeptComposers,
) -> Desk:
    """The page that a query asks for. Raises NotFoundError for an unknown region."""
    tree.get(query.region)
    end = end_of_minute(now)
    start = end - DESK_WINDOW
    composer = composers.composer(tx, start, end)
    entries = _ranked(composer, query, start)
    reviewed = desk.reviewed_stories(tx, (entry.story.id for entry in entries))
    unreviewed = len(entries) - len(reviewed)
    if query.show is Show.HIDDEN:
        entries = _hidden(tx, tree, query, start, end)
        reviewed = desk.reviewed_stories(tx, (entry.story.id for entry in entries))
    matching = [entry for entry in entries if _matches(entry, query, reviewed)]
    first = (query.page - 1) * PAGE_SIZE
    page = matching[first : first + PAGE_SIZE]
    by_affair = _by_affair(entries)
    groups = desk.groups_by_article(tx, [entry.story.lead.article_id for entry in page])
    stories = [
        replace(
            _desk_story(
                place, entry, entry.story.id in reviewed, groups.get(entry.story.lead.article_id, ())
            ),
            related=_related(entry, by_affair),
            update_of=composer.sent_chapter(entry.story.id) if entry.ranked else None,
        )
        for place, entry in enumerate(page, start=first + 1)
    ]
    return Desk(stories, len(matching), unreviewed)


def _ranked(composer: Composer, query: DeskQuery, start: datetime) -> list[_Entry]:
    return [
        _Entry(composer.shown_story(ranked.id), ranked)
        for ranked in composer.rank_region(query.region, start, query.kinds)
    ]


def _by_affair(entries: Iterable[_Entry]) -> dict[Hashable, list[ShownStory]]:
    by_affair: defaultdict[Hashable, list[ShownStory]] = defaultdict(list)
    for entry in entries:
        if entry.ranked:
            by_affair[entry.ranked.candidate.affair].append(entry.story)
    return by_affair


def _related(entry: _Entry, by_affair: Mapping[Hashable, Sequence[ShownStory]]) -> tuple[RelatedStory, ...]:
    """The best-placed other stories of its affair."""
    affair = by_affair.get(entry.ranked.candidate.affair, ()) if entry.ranked else ()
    others = [story for story in affair if story.id != entry.story.id][:MAX_SUGGESTIONS]
    return tuple(RelatedStory(story.id, story.lead.title, story.lead.language) for story in others)


def _hidden(tx: Tx, tree: RegionTree, query: DeskQuery, start: datetime, end: datetime) -> list[_Entry]:
    ids = candidates.hidden_story_ids(tx, start, end)
    shown = articles.current_stories(tx, ids)
    countries, is_world = tree.countries_of([query.region]), query.region == "world"
    stories = [shown[story_id] for story_id in ids if story_id in shown]
    return [_Entry(story, None) for story in stories if is_world or countries & set(story.countries)]


def _matches(entry: _Entry, query: DeskQuery, reviewed: frozenset[int]) -> bool:
    if query.show is Show.UNREVIEWED and entry.story.id in reviewed:
        return False
    if query.show is Show.PINNED and not entry.pinned:
        return False
    if query.kinds is not None and entry.story.kind not in query.kinds:
        return False  # pinned stories of other kinds are ranked too
    words = query.text.casefold()
    lead = entry.story.lead
    titles = (lead.title, lead.source_title, *(report.title for report in entry.story.also_in))
    return not words or any(words in title.casefold() for title in titles)


def _desk_story(place: int, entry: _Entry, reviewed: bool, groups: Iterable[str]) -> DeskStory:
    story, ranked = entry.story, entry.ranked
    why = ranked.why() if ranked else ()
    return DeskStory(
        place=place,
        id=story.id,
        lead=story.lead,
        reports=story.also_in,
        countries=story.countries,
        groups=tuple(groups),
        kind=story.kind,
        first_seen_at=story.first_seen_at,
        hidden=story.hidden,
        reviewed=reviewed,
        pinned=entry.pinned,
        points=sum(contribution.points for contribution in why),
        why=why,
    )
