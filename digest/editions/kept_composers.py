"""Composers that are kept: those of one edition, and those of the pages that show the news as they are now."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.articles.states import Kinds
from digest.articles.store.news_state import news_state
from digest.database import Tx
from digest.editions.bounded_cache import BoundedCache
from digest.editions.composer import LOOKBACKS, Composer
from digest.editions.pure.edition_spec import EditionSpec
from digest.editions.store.candidates import LoadShown
from digest.regions.tree.region_tree import RegionTree

MAX_KEPT_STORIES = 10_000  # of all kept windows together; of about 3 KB each
MINUTE = timedelta(minutes=1)


def end_of_minute(now: datetime) -> datetime:
    """The end of the minute that `now` lies in. A window that ends then has all news until now."""
    return now.replace(second=0, microsecond=0) + MINUTE


@dataclass(frozen=True, slots=True)
class _Kept:
    """A composer and what it was made from: it is right as long as nothing of that has changed."""

    made_from: Hashable
    composer: Composer


class KeptComposers:
    """Composers of windows that end now, for the pages of a process. Its threads share them.

    Reading and ranking the news takes most of the time of a page, and is the same until the news change, a source, the
    region tree, or the window. Whether they have changed is read from the database, in the page's own transaction: so
    what another process changed is seen at once. Pages ask for windows that end with the minute (`end_of_minute`), so
    that the window is the same for a minute.
    """

    def __init__(self, tree: RegionTree, load_shown: LoadShown, default_kinds: Kinds = frozenset()) -> None:
        self._tree, self._load_shown, self._default_kinds = tree, load_shown, default_kinds
        self._by_length = BoundedCache[_Kept](MAX_KEPT_STORIES, size=lambda kept: kept.composer.story_count)

    def composer(
        self, tx: Tx, start: datetime, cutoff: datetime, *, notes_at: datetime | None = None
    ) -> Composer:
        """The composer of a window. `notes_at` as for `Composer`."""
        made_from = (start, cutoff, news_state(tx), self._tree.snapshot.version)
        kept = self._by_length.get(cutoff - start)
        if kept is None or kept.made_from != made_from:
            composer = Composer(
                tx,
                self._tree,
                start=start,
                cutoff=cutoff,
                default_kinds=self._default_kinds,
                load_shown=self._load_shown,
            )
            kept = _Kept(made_from, composer)
            if cutoff.second == cutoff.microsecond == 0:  # nobody asks for another window a second time
                self._by_length.replace(cutoff - start, kept)
        return kept.composer.with_day_notes(tx, notes_at) if notes_at else kept.composer


@dataclass
class ComposerCache:
    """The composers of one edition, one for each lookback. Another edition replaces them."""

    tree: RegionTree
    default_kinds: Kinds = frozenset()
    _edition: EditionSpec | None = None
    _by_lookback: dict[timedelta, Composer] = field(default_factory=dict)

    def composer_for(self, tx: Tx, edition: EditionSpec, start: datetime) -> Composer:
        """The composer of an edition for windows that begin at `start`."""
        if self._edition != edition:
            self._edition, self._by_lookback = edition, {}
        cutoff = edition.cutoff
        lookback = next((period for period in LOOKBACKS if cutoff - period <= start), LOOKBACKS[-1])
        if lookback not in self._by_lookback:
            self._by_lookback[lookback] = Composer(
                tx,
                self.tree,
                start=cutoff - lookback,
                cutoff=cutoff,
                default_kinds=self.default_kinds,
                notes_at=edition.notes_at,
            )
        return self._by_lookback[lookback]
