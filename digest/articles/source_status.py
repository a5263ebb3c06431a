"""The status of each source, for the pages of editors and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from digest.articles.pure.flood_rules import SourceHistory
from digest.articles.store import articles as store
from digest.articles.store import held as held_store
from digest.database import Tx
from digest.sources.models import Host, Source
from digest.sources.pure.folders import is_in
from digest.sources.pure.schedule.rates import DAY, ArticleRate
from digest.sources.pure.schedule.source_health import WORST_FIRST, HealthSignals, SourceHealth, assess_health
from digest.sources.states import SourceState
from digest.sources.store import hosts, sources

MIN_REPORTED_PAUSE = timedelta(minutes=1)  # a longer pause is not our own gap: the host asked for it


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source, its health, and its numbers of articles."""

    source: Source
    health: SourceHealth
    new_today: int  # new articles in the last 24 hours
    per_day: float | None  # usual number of new articles a day; None if not known
    held: int  # articles that wait for an editor
    next_poll_at: datetime | None  # None if the source is stopped

    def as_json(self) -> dict[str, Any]:
        """The status as JSON, for programs."""
        row = self.source
        moments = {
            "last_success_at": row.last_success_at,
            "last_change_at": row.last_changed_at,
            "last_new_at": row.last_new_at,
            "last_polled_at": row.last_polled_at,
            "next_poll_at": self.next_poll_at,
        }
        return {
            "id": row.id,
            "url": row.url,
            "title": row.title,
            "folder": row.folder,
            "state": row.state,
            "condition": self.health.condition,
            "trouble": self.health.needs_attention,
            "words": self.health.message,
            "advice": self.health.advice,
            "failures": row.failures,
            "error": row.last_error,
            "articles_today": self.new_today,
            "articles_a_day": None if self.per_day is None else round(self.per_day, 2),
            "held": self.held,
        } | {name: moment.isoformat() if moment else None for name, moment in moments.items()}


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the statuses of all sources are made from, apart from their rows."""

    new_today: Mapping[int, int]  # by source id
    held: Mapping[int, int]  # by source id
    paused_hosts: Mapping[str, Host]


def list_statuses(tx: Tx, now: datetime) -> list[SourceStatus]:
    """The status of all sources, the worst first, then by title."""
    figures = _load_figures(tx, now)
    statuses = [_status(source, figures, now) for source in sources.all_sources(tx)]
    return sorted(statuses, key=lambda status: WORST_FIRST.index(status.health.condition))


def status_of(tx: Tx, source: Source, now: datetime) -> SourceStatus:
    """The status of one source."""
    return _status(source, _load_figures(tx, now), now)


def source_history(tx: Tx, source: Source, now: datetime) -> SourceHistory:
    """What was usual for a source until now."""
    last_day_count = store.count_news(tx, source.id, now - DAY)
    return SourceHistory(article_rate(source).per_day(now), last_day_count, source.last_success_at)


def filter_statuses(
    statuses: Sequence[SourceStatus], *, text: str = "", condition: str = "", folder: str = ""
) -> list[SourceStatus]:
    """The statuses of sources with `text` in their title or address, in this condition, in this folder or below it.

    The condition "trouble" means every condition that needs attention; the folder "/" those in no folder.
    """
    return [
        status
        for status in statuses
        if text.casefold() in f"{status.source.title} {status.source.url}".casefold()
        and (
            not condition
            or condition == status.health.condition
            or (condition == "trouble" and status.health.needs_attention)
        )
        and is_in(status.source.folder, folder)
    ]


def article_rate(source: Source) -> ArticleRate:
    """How many new articles a source brings, as stored in its row."""
    return ArticleRate(source.rate, source.watched_since, source.last_success_at)


def _load_figures(tx: Tx, now: datetime) -> _Figures:
    return _Figures(
        new_today=store.count_by_source(tx, now - DAY),
        held=held_store.count_by_source(tx),
        paused_hosts=hosts.paused_hosts(tx, now, longer_than=MIN_REPORTED_PAUSE),
    )


def _status(source: Source, figures: _Figures, now: datetime) -> SourceStatus:
    per_day = article_rate(source).per_day(now)
    held = figures.held.get(source.id, 0)
    paused_host = figures.paused_hosts.get(source.host)
    next_poll_at = max(source.next_poll_at, paused_host.not_before) if paused_host else source.next_poll_at
    signals = HealthSignals(
        state=source.state,
        failures=source.failures,
        error=source.last_error,
        held=held,
        per_day=per_day,
        last_success_at=source.last_success_at,
        last_new_at=source.last_new_at,
        host_paused_until=paused_host.not_before if paused_host else None,
        host_pause_reason=paused_host.reason if paused_host else "",
    )
    return SourceStatus(
        source=source,
        health=assess_health(signals, now),
        new_today=figures.new_today.get(source.id, 0),
        per_day=per_day,
        held=held,
        next_poll_at=next_poll_at if source.state == SourceState.ACTIVE else None,
    )
