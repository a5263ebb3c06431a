"""What no single stage can see: queues, emails, settings, migrations and routes that must fit together."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text

from digest import tasks
from digest.broker import MAX_SOCKET_PATH_LENGTH, broker_url, rate_limit_url, socket_path
from digest.cli.worker import default_layout
from digest.database import Base, Database
from digest.logs import JsonFormatter
from digest.mail.templates import TEMPLATES_DIR
from digest.project_files import PACKAGE, ROOT
from digest.request_limits import RATE_LIMITS
from digest.settings import Settings
from digest.task_names import Queue, TaskName
from digest.web.register import CSRF_EXEMPT
from tests.web.browser_session import BrowserSession

PROCFILE = (ROOT / "Procfile").read_text()


def test_the_worker_takes_from_just_the_queues_that_tasks_use() -> None:
    assert "worker: dateline worker\n" in PROCFILE
    assert set(default_layout(senders=2)) == set(Queue)
    assert {spec.queue for spec in tasks.TASKS.values()} == set(Queue)


def test_no_wall_clock_decides_when_beat_enqueues_a_task(app: Flask) -> None:
    conf = app.extensions["celery"].conf
    assert conf.beat_scheduler == "digest.beat:MonotonicScheduler"
    assert all("expires" not in entry["options"] for entry in conf.beat_schedule.values())
    assert "--schedule" not in PROCFILE


def test_every_name_of_a_task_has_a_task() -> None:
    assert set(tasks.TASKS) == set(TaskName)


def test_every_task_is_registered_and_goes_to_its_queue(app: Flask) -> None:
    celery = app.extensions["celery"]
    for name, spec in tasks.TASKS.items():
        assert name in celery.tasks
        assert celery.amqp.router.route({}, name)["queue"].name == spec.queue
    scheduled = {name for name, spec in tasks.TASKS.items() if spec.every is not None}
    assert {entry["task"] for entry in celery.conf.beat_schedule.values()} == scheduled
    assert celery.conf.task_ignore_result


def test_the_procfile_names_the_four_processes() -> None:
    assert [line.partition(":")[0] for line in PROCFILE.splitlines()] == ["release", "web", "worker", "beat"]


def test_a_worker_leaves_what_it_has_loaded_out_of_the_collectors_rounds(tmp_path: Path) -> None:
    code = "import gc, worker; print(gc.get_freeze_count())"
    own = {"DATELINE_VAR": str(tmp_path), "PATH": os.defpath}
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=own, capture_output=True, check=True)
    assert int(told.stdout) > 100_000


CONNECTING_PROGRAM = """
import sys
from digest import app
names, make = [], app.Database
app.Database = lambda url, **options: names.append(options["application_name"]) or make(url, **options)
__import__(sys.argv[1])
print(*names)
"""


@pytest.mark.parametrize(("module", "program"), [("wsgi", "dateline-web"), ("worker", "dateline-worker")])
def test_each_process_connects_to_the_database_under_its_own_name(
    module: str, program: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", CONNECTING_PROGRAM, module]
    own = {"DATELINE_VAR": str(tmp_path), "PATH": os.defpath}
    result = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=True)
    assert result.stdout.split() == [program]


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in TEMPLATES_DIR.glob("*/subject.txt")}))
def test_every_email_has_a_subject_and_both_bodies(folder: str) -> None:
    assert {"subject.txt", "body.txt", "body.html"} <= {
        path.name for path in (TEMPLATES_DIR / folder).iterdir()
    }


def test_every_folder_of_an_email_has_a_subject() -> None:
    folders = {path.parent.name for path in TEMPLATES_DIR.glob("*/body.*")}
    assert folders == {path.parent.name for path in TEMPLATES_DIR.glob("*/subject.txt")} != set()


def test_every_setting_is_in_the_operations_manual_and_no_other() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text()
    section = manual.split("## Settings")[1].split("\n## ")[0]
    told = re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE)
    assert sorted(told) == sorted(spec.metadata["name"] for spec in fields(Settings))


def test_every_task_is_in_the_operations_manual() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in TaskName if name not in manual] == []


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database made by the migrations alone."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'migrated.sqlite3'}")
    else:
        shared = Database(request.getfixturevalue("postgres_url"))
        with shared.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("drop database if exists migrated"))
            connection.execute(text("create database migrated"))
        database = Database(shared.engine.url.set(database="migrated").render_as_string(hide_password=False))
        shared.close()
    database.upgrade()
    yield database
    database.close()


def test_the_migrations_make_just_the_tables_of_the_models(migrated_db: Database) -> None:
    assert migrated_db.pending_migrations() == []
    with migrated_db.engine.connect() as connection:
        # SQLite's index of words is a virtual table with tables of its own.
        opts = {
            "compare_type": True,
            "include_object": lambda _object, name, *_rest: not re.search("articles?_words", name or ""),
        }
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(migrated_db: Database) -> None:
    migrated_db.upgrade()
    assert migrated_db.pending_migrations() == []


def test_alembic_itself_finds_the_database(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    own = {"DATELINE_VAR": str(tmp_path), "PATH": os.defpath}
    subprocess.run(command, cwd=ROOT, env=own, capture_output=True, check=True)
    database = Database(f"sqlite:///{tmp_path / 'dateline.sqlite3'}")
    assert database.pending_migrations() == []
    database.close()


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory(str(ROOT / "migrations")).get_heads()) == 1


def post_routes(app: Flask) -> list[tuple[str, str]]:
    """Endpoint and an address of everything that takes a form; `<any(a, b):x>` becomes a, numbers 1, the rest x."""
    out = []
    for rule in app.url_map.iter_rules():
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            path = re.sub(r"<any\(\W*(\w+)[^>]*>", r"\1", re.sub(r"<int:[^>]+>", "1", rule.rule))
            out.append((rule.endpoint, re.sub(r"<[^>]+>", "x", path)))
    return out


def test_every_form_is_refused_without_its_token_but_the_one_click(app: Flask) -> None:
    rules = post_routes(app)
    assert {endpoint for endpoint, _ in rules} >= set(CSRF_EXEMPT)
    assert len(rules) > 10
    for endpoint, path in rules:
        answer = BrowserSession(app.test_client()).post_without_token(path, {"email": "ann@example.com"})
        refused = answer.status_code == 400 and "send the form again" in answer.text
        is_exempt = endpoint in CSRF_EXEMPT or endpoint.startswith("v1.")  # the API reads no cookie
        assert refused != is_exempt, endpoint


def test_every_page_that_posts_at_a_cost_is_limited(app: Flask) -> None:
    assert {name for name in RATE_LIMITS if name not in app.view_functions} == set()
    for endpoint in RATE_LIMITS:
        assert any("POST" in (rule.methods or ()) for rule in app.url_map.iter_rules(endpoint))


def test_the_embedded_brokers_socket_is_never_too_long(settings: Settings) -> None:
    deep = replace(settings, redis_url="", var=settings.var / ("x" * 150))
    assert len(str(socket_path(deep.var))) <= MAX_SOCKET_PATH_LENGTH
    assert broker_url(deep) == f"redis+socket://{socket_path(deep.var)}"
    assert rate_limit_url(deep).startswith("redis+unix://")
    assert socket_path(deep.var) == socket_path(deep.var)
    assert socket_path(deep.var) != socket_path(settings.var / ("y" * 150))


def test_a_log_line_for_machines_is_one_json_object() -> None:
    record = logging.LogRecord("x", logging.INFO, "f.py", 1, "two\nlines of %s", ("news",), None)
    record.edition = 7
    told = json.loads(JsonFormatter().format(record))
    assert told["message"] == "two\nlines of news"
    assert told["edition"] == 7
    assert "\n" not in JsonFormatter().format(record)


@pytest.mark.parametrize("entry", ["wsgi", "celery_app"])
def test_what_a_process_has_loaded_at_its_start_is_not_scanned_again(entry: str) -> None:
    source = (PACKAGE / f"{entry}.py").read_text()
    frozen = re.search(r"^(?:gc\.freeze|share_loaded_modules)\(\)$", source, re.MULTILINE)
    assert frozen
    assert "create_app(" in source[: frozen.start()]
