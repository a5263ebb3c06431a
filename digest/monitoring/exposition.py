"""Writes the condition and the figures in the text format of Prometheus, by its own client library.

All of it comes from rows, so any web process answers for all processes and machines, and a scrape costs some look-ups.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from digest.monitoring.condition import Condition
from digest.monitoring.series import BUCKETS, HELP, INFINITY, KEPT_FIGURES, PREFIX
from digest.monitoring.states import FigureName, ProbeKind
from digest.monitoring.store.figures import StoredFigure

Value = float | int


def expose(condition: Condition, queue_lengths: Mapping[str, int], version: str) -> bytes:
    """The body of /metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ConditionCollector(condition, queue_lengths, version))
    return generate_latest(registry)


class ConditionCollector(Collector):
    """Yields the series of one scrape."""

    def __init__(self, condition: Condition, queue_lengths: Mapping[str, int], version: str) -> None:
        self._condition, self._queue_lengths, self._version = condition, queue_lengths, version

    def collect(self) -> Iterable[Metric]:
        """All series. While the database is away, those that come from its rows are missing."""
        signals = self._condition.signals
        yield InfoMetricFamily(PREFIX + "build", HELP["build"], {"version": self._version})
        yield _gauge("database_up", [({}, int(not signals.database_error))])
        yield _gauge("database_latency_seconds", [({}, signals.database_seconds)])
        yield _gauge("broker_up", [({}, int(not signals.broker_error))])
        yield _gauge("broker_latency_seconds", [({}, signals.broker_seconds)])
        yield _gauge("queue_length", [({"queue": name}, size) for name, size in self._queue_lengths.items()])
        yield _gauge(
            "problem",
            [
                ({"name": problem.name, "subject": problem.subject, "level": problem.level}, 1)
                for problem in self._condition.problems
            ],
        )
        if not signals.database_error:
            yield from self._late()
            yield from self._processes()
            yield from self._tasks()
            yield from _kept_figures(self._condition.figures)
            yield _http_seconds(self._condition.figures)

    def _late(self) -> Iterator[Metric]:
        signals, now = self._condition.signals, self._condition.at
        oldest = {
            "subscriber": signals.due_subscriber,
            "delivery": signals.delivery.since if signals.delivery else None,
            "letter": signals.letter,
            "source": signals.due_source,
        }
        ages = [({"what": what}, _age(since, now)) for what, since in oldest.items()]
        yield _gauge("oldest_due_seconds", ages)
        polled_at = signals.sources.last_poll_at
        yield _gauge("last_poll_timestamp_seconds", [({}, polled_at.timestamp())] if polled_at else [])

    def _processes(self) -> Iterator[Metric]:
        signals = self._condition.signals
        beats = [({"role": beat.role, "machine": beat.machine}, beat) for beat in signals.heartbeats]
        yield _gauge(
            "heartbeat_timestamp_seconds", [(labels, beat.seen_at.timestamp()) for labels, beat in beats]
        )
        disks = {beat.machine: beat for _, beat in beats}
        yield _gauge("disk_free_bytes", [({"machine": name}, beat.disk_free) for name, beat in disks.items()])
        yield _gauge("disk_size_bytes", [({"machine": name}, beat.disk_size) for name, beat in disks.items()])
        servers = [probe for probe in signals.probes if probe.kind == ProbeKind.MAIL_SERVER]
        yield _gauge("mail_server_up", [({"server": probe.name}, int(not probe.error)) for probe in servers])
        yield _gauge(
            "mail_server_session_seconds", [({"server": probe.name}, probe.seconds) for probe in servers]
        )

    def _tasks(self) -> Iterator[Metric]:
        ended = [
            (row, {"task": row.task}, row.finished_at)
            for row in self._condition.tasks
            if row.finished_at is not None
        ]
        ends = [(labels, finished_at.timestamp()) for _, labels, finished_at in ended]
        yield _gauge("task_last_end_timestamp_seconds", ends)
        yield _gauge("task_last_seconds", [(labels, row.seconds) for row, labels, _ in ended])
        yield _gauge("task_last_succeeded", [(labels, int(not row.error)) for row, labels, _ in ended])
        yield _counter("task_runs_total", [(labels, row.runs) for row, labels, _ in ended])
        yield _counter("task_failures_total", [(labels, row.failures) for row, labels, _ in ended])
        yield _counter("task_seconds_total", [(labels, row.total_seconds) for row, labels, _ in ended])


def _kept_figures(stored: Iterable[StoredFigure]) -> Iterator[Metric]:
    by_name: defaultdict[str, list[tuple[Mapping[str, str], Value]]] = defaultdict(list)
    for figure in stored:
        by_name[figure.name].append((figure.labels, figure.value))
    for name in KEPT_FIGURES:
        make = _counter if name.endswith("_total") else _gauge
        yield make(name, by_name[name])


def _http_seconds(stored: Iterable[StoredFigure]) -> Metric:
    """The histogram of times by route. The rows have how many requests fell into each bucket alone."""
    counts: defaultdict[str, dict[str, float]] = defaultdict(dict)
    sums: dict[str, float] = {}
    for figure in stored:
        if figure.name == FigureName.HTTP_BUCKET:
            counts[figure.labels["route"]][figure.labels["le"]] = figure.value
        elif figure.name == FigureName.HTTP_SECONDS:
            sums[figure.labels["route"]] = figure.value
    name = "http_request_seconds"
    family = HistogramMetricFamily(PREFIX + name, HELP[name], labels=["route"])
    for route, of_route in sorted(counts.items()):
        total, buckets = 0.0, []
        for bound in (*map(str, BUCKETS), INFINITY):
            total += of_route.get(bound, 0.0)
            buckets.append((bound, total))
        family.add_metric([route], buckets, sum_value=sums.get(route, 0.0))
    return family


def _gauge(name: str, samples: Iterable[tuple[Mapping[str, str], Value]]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, HELP[name])
    for labels, value in samples:
        family.add_sample(PREFIX + name, dict(labels), float(value))
    return family


def _counter(name: str, samples: Iterable[tuple[Mapping[str, str], Value]]) -> Metric:
    family = CounterMetricFamily(PREFIX + name.removesuffix("_total"), HELP[name])
    for labels, value in samples:
        family.add_sample(PREFIX + name, dict(labels), float(value))
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
