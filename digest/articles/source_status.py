"""How all sources do: what editors' pages and programs are shown of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from digest.articles.store import articles as store
from digest.articles.store import held as held_store
from digest.database import Tx
from digest.sources.models import Host, Source
from digest.sources.pure.schedule.rates import DAY, Rate
from digest.sources.pure.schedule.source_health import ORDER, Health, Signs, judge
from digest.sources.store import hosts, sources

A_WHILE = timedelta(minutes=1)  # a host that is left alone for longer has asked for it


@dataclass(frozen=True, slots=True)
class Standing:
    """A source, how it does, and its figures: new articles within a day and usually, and those held."""

    source: Source
    health: Health
    today: int
    per_day: float | None
    held: int
    next_at: datetime | None  # None for one that is stopped

    def as_json(self) -> dict[str, Any]:
        """What programs get of it."""
        row = self.source
        moments = {
            "last_success_at": row.last_success_at,
            "last_change_at": row.last_changed_at,
            "last_new_at": row.last_new_at,
            "last_polled_at": row.last_polled_at,
            "next_poll_at": self.next_at,
        }
        return {
            "id": row.id,
            "url": row.url,
            "title": row.title,
            "state": row.state,
            "condition": self.health.condition,
            "trouble": self.health.trouble,
            "words": self.health.words,
            "advice": self.health.advice,
            "failures": row.failures,
            "error": row.last_error,
            "articles_today": self.today,
            "articles_a_day": None if self.per_day is None else round(self.per_day, 2),
            "held": self.held,
        } | {name: moment.isoformat() if moment else None for name, moment in moments.items()}


def standings(tx: Tx, now: datetime) -> list[Standing]:
    """All sources, the worst first, then by title."""
    today = store.count_by_source(tx, now - DAY)
    held = held_store.counts(tx)
    paused = hosts.paused(tx, now, longer_than=A_WHILE)
    found = [
        _standing(source, now, today.get(source.id, 0), held.get(source.id, 0), paused.get(source.host))
        for source in sources.listing(tx)
    ]
    return sorted(found, key=lambda standing: ORDER.index(standing.health.condition))


def standing(tx: Tx, source: Source, now: datetime) -> Standing:
    """How one source does."""
    return next(one for one in standings(tx, now) if one.source.id == source.id)


def fitting(all_of_them: Sequence[Standing], *, words: str = "", condition: str = "") -> list[Standing]:
    """Those whose title or address has these words; `trouble` is every condition that somebody should look at."""
    return [
        one
        for one in all_of_them
        if words.casefold() in f"{one.source.title} {one.source.url}".casefold()
        and (
            not condition
            or condition == one.health.condition
            or (condition == "trouble" and one.health.trouble)
        )
    ]


def _standing(source: Source, now: datetime, today: int, held: int, pause: Host | None) -> Standing:
    rate = Rate(source.rate, source.watched_since, source.last_success_at)
    usual = rate.usual(now)
    signs = Signs(
        state=source.state,
        failures=source.failures,
        error=source.last_error,
        held=held,
        per_day=usual,
        last_success_at=source.last_success_at,
        last_new_at=source.last_new_at,
        host_until=pause.not_before if pause else None,
        host_reason=pause.reason if pause else "",
    )
    waits = max(source.next_poll_at, pause.not_before) if pause else source.next_poll_at
    return Standing(
        source, judge(signs, now), today, usual, held, waits if source.state == "active" else None
    )
