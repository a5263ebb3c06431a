"""The reports of the open window, kept in memory, so that a process need not read them again for each poll."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from digest.articles.models import Article
from digest.articles.pure.known_stories import WINDOW, Hold, KnownStory
from digest.articles.pure.reports import SECONDS_PER_DAY, Report, read_report
from digest.articles.pure.story_kinds import may_join
from digest.articles.store import open_window as store
from digest.articles.store.open_window import PlacedReport, ReportRow
from digest.database import Tx

if TYPE_CHECKING:
    from digest.articles.pure.report_pairs import ReportIndex

# Old reports are removed only when the index has grown to this many times what is needed, because removing them means
# making the index anew.
MAX_INDEX_GROWTH = 1.5


@dataclass
class RecentReports:
    """The index of the window's reports, and the story of each. `refresh` brings both up to date."""

    placed: dict[int, PlacedReport] = field(default_factory=dict)  # by article id
    _oldest: datetime | None = None  # the time since when reports are in the index

    @cached_property
    def index(self) -> "ReportIndex":
        """The reports, with their words."""
        from digest.articles.pure.report_pairs import ReportIndex  # with numpy, which few processes need

        return ReportIndex()

    def refresh(self, tx: Tx, now: datetime) -> None:
        """Read the reports that came since the last time, from any process, and forget those that are too old."""
        since = now - WINDOW
        self._oldest = min(self._oldest or since, since)
        placed = {row.id: row for row in store.placed_reports(tx, self._oldest)}
        current = sum(row.seen_at >= since for row in placed.values())
        reports = self.index.reports
        if any(report.key not in placed for report in reports) or len(reports) > MAX_INDEX_GROWTH * max(
            current, 1
        ):
            placed = {key: row for key, row in placed.items() if row.seen_at >= since}
            self._oldest = since
            self.index = self.index.of(report for report in reports if report.key in placed)
        known = frozenset(report.key for report in self.index.reports)
        for row in store.reports_since(tx, self._oldest, known):
            self.index.add(report_of(row.id, row))
        self.placed = {report.key: placed[report.key] for report in self.index.reports}

    def stories(self, now: datetime) -> dict[int, KnownStory]:
        """The story of each report. Reports that are older than the window stay where they are."""
        since = now - WINDOW
        known = {row.story_id: known_story(row) for row in self.placed.values()}
        settled = {
            story_id: replace(story, hold=Hold.SETTLED) if story.hold == Hold.OPEN else story
            for story_id, story in known.items()
        }
        return {
            key: (known if row.seen_at >= since else settled)[row.story_id]
            for key, row in self.placed.items()
        }

    def set_countries(self, countries: Mapping[int, frozenset[str]]) -> None:
        """Give the reports the countries that they are about now, by article id."""
        self.index.reports = [
            replace(report, countries=countries.get(report.key, frozenset())) for report in self.index.reports
        ]


def report_of(key: int, article: Article | ReportRow) -> Report:
    """The report that an article is."""
    report = read_report(
        key,
        article.title,
        article.text,
        published_at=article.published_at,
        seen_at=article.seen_at,
        source=str(article.source_id),
        language=article.language,
    )
    return replace(report, joins=may_join(article.kind))


def known_story(row: PlacedReport) -> KnownStory:
    """The story of a report, and how firmly it is held.

    A story that an editor hid takes whatever comes later, so that it stays out of digests. A story that was sent takes
    only what brings nothing new.
    """
    thread = row.thread_id
    if row.hidden:
        hold = Hold.SETTLED
    elif row.sent_at is not None:
        hold, thread = Hold.SENT, row.thread_id or row.story_id
    elif row.settled or row.pinned or row.released_at is not None:
        hold = Hold.SETTLED
    else:
        hold = Hold.OPEN
    sent_at = row.sent_at.timestamp() / SECONDS_PER_DAY if row.sent_at else None
    return KnownStory(row.story_id, hold, thread, sent_at)
