"""Composes the digests of an edition, one for each group of subscribers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from digest.articles.recent_reports import RecentReports
from digest.articles.states import Kinds
from digest.database import Database, Tx, chunked
from digest.deliveries.store import plans
from digest.deliveries.store.plans import GroupKey, edition_spec
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.editions.composer import ComposedDigest
from digest.editions.kept_composers import ComposerCache
from digest.editions.models import Edition
from digest.editions.pure.edition_spec import DigestPreferences, EditionSpec
from digest.editions.store import editions
from digest.editions.store.received_stories import received_stories
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.store import subscribers

DIGESTS_PER_STATEMENT = 500  # composed and written together, and then freed from memory
NO_STORIES: frozenset[int] = frozenset()


class AudienceMatcher(Protocol):
    """Decides whether subscribers with these preferences belong to an audience."""

    def __call__(self, preferences: DigestPreferences, /) -> bool: ...


@dataclass(eq=False)
class Planner:
    """One run of planning. It caches what the digests of an edition have in common."""

    tree: RegionTree
    max_lateness: timedelta  # a slot missed by more is left out; its news goes out in the next one
    batch_size: int = plans.SUBSCRIBERS_PER_TRANSACTION
    default_kinds: Kinds = frozenset()  # of articles, which digests show beside hard news
    # Grouped anew before an edition closes.
    recent_reports: RecentReports = field(default_factory=RecentReports)
    _composers: ComposerCache = field(init=False)
    # The edition whose groups are composed, and the late arrivals (see `ComposedDigest`) of each group's digest.
    _composed: tuple[int | None, dict[GroupKey, frozenset[int]]] = field(default_factory=lambda: (None, {}))
    # What the groups of the last chunk received of the affairs that their digests continue.
    _received: Mapping[tuple[str, datetime], frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._composers = ComposerCache(self.tree, self.default_kinds)

    def composed_groups(self, spec: EditionSpec) -> dict[GroupKey, frozenset[int]]:
        """The groups of an edition whose digests are composed already, with the late arrivals of each.

        Callers add to the dictionary. A call for another edition replaces it, and so does each call for an edition
        without an id.
        """
        if spec.id is None or self._composed[0] != spec.id:
            self._composed = (spec.id, {})
        return self._composed[1]

    def compose_digest(
        self,
        tx: Tx,
        spec: EditionSpec,
        group: GroupKey,
        preferences: DigestPreferences,
        without: frozenset[int] = NO_STORIES,
    ) -> ComposedDigest | None:
        """The digest of a group, without the stories `without`; None when nothing is new."""
        composer = self._composers.composer_for(tx, spec, group.window_start)
        composed = composer.compose(
            preferences, group.window_start, note=spec.note, without=without, is_first=spec.is_first
        )
        if composed is None or not (earlier := composer.earlier_story_ids):
            return composed
        if group not in self._received:
            self._received = received_stories(tx, [group], earlier)
        return composer.mark_updates(composed, spec.note, self._received[group])

    def compose_test(
        self, tx: Tx, spec: EditionSpec, group: GroupKey, preferences: DigestPreferences
    ) -> ComposedDigest | None:
        """The digest of a test, as a reader would get it who received all earlier digests."""
        composer = self._composers.composer_for(tx, spec, group.window_start)
        composed = composer.compose(preferences, group.window_start, note=spec.note)
        return composer.mark_updates(composed, spec.note) if composed else None

    def load_received(self, tx: Tx, spec: EditionSpec, groups: Collection[GroupKey]) -> None:
        """Load at once what these groups received of the affairs that their digests continue."""
        starts = {group.window_start for group in groups}
        composers = [self._composers.composer_for(tx, spec, start) for start in starts]
        earlier = frozenset[int]().union(*(composer.earlier_story_ids for composer in composers))
        self._received = received_stories(tx, groups, earlier) if earlier else {}


def match_everybody(_preferences: DigestPreferences, /) -> bool:
    """True: the matcher for an audience of all subscribers."""
    return True


def write_missing_digests(
    db: Database,
    planner: Planner,
    edition: Edition,
    scope: SubscriberScope,
    matches: AudienceMatcher = match_everybody,
) -> None:
    """Compose and write the digests that these subscribers need and the edition lacks, in short transactions."""
    spec = edition_spec(edition)
    with db.read(time_limit=False) as tx:
        groups = plans.count_groups(tx, scope, spec)
        composed_groups = planner.composed_groups(spec)
        missing = [group for group in groups if group not in composed_groups]
    for chunk in chunked(missing, DIGESTS_PER_STATEMENT):
        with db.read(time_limit=False) as tx:
            composed = compose_digests(tx, planner, spec, chunk, matches)
        with db.begin(time_limit=False) as tx:
            save_digests(tx, edition.id, composed)
        composed_groups |= late_arrivals_by_group(composed)


def compose_digests(
    tx: Tx,
    planner: Planner,
    spec: EditionSpec,
    groups: Sequence[GroupKey],
    matches: AudienceMatcher = match_everybody,
) -> Mapping[GroupKey, ComposedDigest | None]:
    """The digest of each group; None where nothing is new, or where the group is not in the audience."""
    preferences = subscribers.preferences_by_key(tx, sorted({group.preferences_key for group in groups}))
    planner.load_received(tx, spec, groups)
    return {
        group: planner.compose_digest(tx, spec, group, preferences[group.preferences_key])
        if matches(preferences[group.preferences_key])
        else None
        for group in groups
    }


def save_digests(tx: Tx, edition_id: int, composed: Mapping[GroupKey, ComposedDigest | None]) -> None:
    """Write the digests that were composed."""
    editions.save_digests(tx, edition_id, [c.digest for c in composed.values() if c])


def late_arrivals_by_group(
    composed: Mapping[GroupKey, ComposedDigest | None],
) -> dict[GroupKey, frozenset[int]]:
    """The late arrivals of each group's digest, as `Planner.composed_groups` keeps them."""
    return {group: c.late_arrivals if c else NO_STORIES for group, c in composed.items()}
