"""An outage drill with the processes of the Procfile: beat and worker are dead, and deliveries wait.

`benchmarks/outage_drill.py` has the other outages, and waits until each end is told.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.outages import Drill
from digest.deliveries.planning import edition_planner
from tests.builders import World

pytestmark = pytest.mark.release


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Drill]:
    with Drill(tmp_path) as prepared:
        yield prepared


def test_with_beat_and_worker_dead_everything_names_what_is_late_until_they_are_back(drill: Drill) -> None:
    planned_at = drill.parts.clock() - timedelta(hours=2)
    world = World(drill.parts.db, drill.parts.tree, lambda: planned_at)
    world.many_subscribers(5)
    world.article()
    planned = edition_planner.plan_due(drill.parts.db, drill.parts.planner(), planned_at)
    assert planned.deliveries == 5
    drill.start("web")
    names = {"deliveries_late", "beat_silent", "worker_silent"}
    for name in sorted(names):
        drill.see(name, by_doctor=False)
    readyz = json.loads(drill.get("/readyz"))
    assert (readyz["status"], set(readyz["checks"].values())) == ("late", {"ok"})
    answer = drill.doctor()
    assert answer["status"] == "wrong"
    late = next(problem for problem in answer["problems"] if problem["name"] == "deliveries_late")
    assert "(2 h" in late["text"]
    assert late["reason"].startswith("beat has never shown itself and the worker of planning has never")
    drill.start("beat")
    drill.start("worker")
    drill.wait_until_seen("the end", lambda: not drill.names_in_metrics() & names)
    drill.wait_until_seen("the mails", lambda: len(drill.mail_server.received) == 5)
