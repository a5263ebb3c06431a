"""Lines have the ids of request and task, gunicorn's too, and each step of an edition's life has one."""

import io
import json
import logging
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from digest.app import create_app
from digest.deliveries.planning import edition_planner
from digest.editions.states import EditionState
from digest.editions.store import editions
from digest.logs import JsonFormatter, LineFormatter, create_formatter, current_ids, log_context
from digest.parts import Parts
from digest.project_files import ROOT
from digest.settings import Settings
from tests.builders import World


@pytest.fixture
def json_log() -> Iterator[io.StringIO]:
    """What is logged, as JSON lines."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def entries(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_the_ids_of_its_context_in_both_formats() -> None:
    record = logging.LogRecord("digest", logging.INFO, "", 1, "polled", None, None)
    with log_context(task_id="abc"), log_context(request_id="r1", empty=""):
        assert current_ids() == {"task_id": "abc", "request_id": "r1"}
        assert json.loads(JsonFormatter().format(record))["task_id"] == "abc"
        assert LineFormatter("%(message)s").format(record) == "polled [task_id abc] [request_id r1]"
    assert LineFormatter("%(message)s").format(record) == "polled"
    assert current_ids() == {}
    assert isinstance(create_formatter("json"), JsonFormatter)


def test_each_request_has_an_id_of_its_own_and_lines_have_it(
    app: Flask, client: FlaskClient, json_log: io.StringIO
) -> None:
    def write_line() -> str:
        logging.getLogger("digest").info("here")
        return "done"

    app.view_functions["health.healthz"] = write_line
    ids = [client.get("/healthz").headers["X-Request-ID"] for _ in range(2)]
    assert len(set(ids)) == 2
    lines = [line for line in entries(json_log) if line["message"] == "here"]
    assert [line["request_id"] for line in lines] == ids
    assert current_ids() == {}


@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"), [(1, "a1b2c3d4-5", True), (1, "x y", False), (0, "a1b2c3d4-5", False)]
)
def test_only_a_trusted_proxy_chooses_the_id(
    settings: Settings, proxies: int, given: str, is_kept: bool
) -> None:
    client = create_app(replace(settings, trusted_proxies=proxies)).test_client()
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) == is_kept


def test_each_step_of_an_edition_has_a_line(parts: Parts, world: World, json_log: io.StringIO) -> None:
    world.subscriber()
    world.article()
    edition_planner.plan_due(parts.db, parts.planner(), parts.clock())
    with parts.db.begin() as tx:
        editions.set_state(tx, 1, EditionState.PAUSED, only_from=[EditionState.SENDING])
    with parts.db.begin() as tx:
        editions.set_state(tx, 1, EditionState.SENDING, only_from=[EditionState.PAUSED])
        tx.rollback()
    lines = [line for line in entries(json_log) if line.get("edition") == 1]
    assert [line["message"] for line in lines] == [
        "edition 1 is planned: 1 deliveries; nothing new for 0",
        "edition 1 is now paused",
    ]


def test_gunicorns_own_lines_are_json_too(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"DATELINE_VAR": str(tmp_path), "LOG_FORMAT": "json", "PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    command = (ROOT / "Procfile").read_text().partition("web: gunicorn ")[2].splitlines()[0]
    arguments = re.sub(r"--bind \S+ --workers \S+", f"--bind 127.0.0.1:{port} --workers 1", command).split()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *arguments], cwd=ROOT, env=own, stderr=subprocess.PIPE, text=True
    )
    with process:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        process.terminate()
        _, errors = process.communicate(timeout=60)
    lines = [json.loads(line) for line in errors.splitlines()]
    assert any("Listening at" in line["message"] for line in lines)
    assert {"time", "level", "logger", "message"} <= lines[0].keys()
