"""Rules of security that hold for the whole program, whoever adds a page, a log line or a module."""

import ast
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from digest.logs import LineFormatter
from digest.project_files import ROOT

BASE = "https://news.example.org"
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
READS_OBJECTS = {"pickle", "marshal", "shelve", "dill", "yaml"}
UNLOGGED_LOCATION = re.compile(r"location ~ (\S+) \{\s+access_log off;")
QUERY_SECRETS = {"admin.oidc_return"}  # their secret is a parameter, not a part of the path


def dangerous_calls(source: str) -> list[str]:
    """What in a module runs a text as code or in a shell, or reads objects of any class."""
    return [name for node in ast.walk(ast.parse(source)) for name in _dangers(node)]


def _dangers(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        modules = (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
        )
        yield from (module for module in modules if module.partition(".")[0] in READS_OBJECTS)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in RUNS_TEXT:
            yield node.func.id
        if isinstance(node.func, ast.Attribute) and node.func.attr in {
            "system",
            "popen",
            "render_template_string",
        }:
            yield node.func.attr
        if any(word.arg == "shell" and getattr(word.value, "value", True) for word in node.keywords):
            yield "shell"


def test_no_module_runs_a_text_or_reads_objects() -> None:
    modules = sorted((ROOT / "digest").rglob("*.py"))
    assert len(modules) > 200
    found = {str(path): calls for path in modules if (calls := dangerous_calls(path.read_text()))}
    assert found == {}
    bad = "import pickle\neval(x)\nos.system(y)\nsubprocess.run(z, shell=True)\n"
    assert sorted(dangerous_calls(bad)) == ["eval", "pickle", "shell", "system"]


def test_messages_of_the_queue_are_json_and_nothing_else(app: Flask) -> None:
    conf = app.extensions["celery"].conf
    assert list(conf.accept_content) == ["json"]
    assert conf.task_serializer == "json"
    assert conf.task_ignore_result


def secret_paths(app: Flask) -> set[str]:
    """A path of each route whose address carries rights."""
    secret = [rule for rule in app.url_map.iter_rules() if "token" in rule.arguments]
    paths = {re.sub(r"<[^>]+>", "x", rule.rule) for rule in secret}
    return paths | {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in QUERY_SECRETS}


def test_the_documented_proxy_logs_no_link_that_carries_rights(app: Flask) -> None:
    found = UNLOGGED_LOCATION.search((ROOT / "docs" / "examples" / "nginx.conf").read_text())
    assert found
    paths = secret_paths(app)
    assert len(paths) >= 6
    assert {path for path in paths if not re.match(found[1], path)} == set()


def test_documented_traces_have_no_link_that_carries_rights(app: Flask) -> None:
    found = re.search(r'EXCLUDED_URLS="([^"]+)"', (ROOT / "docs" / "monitoring.md").read_text())
    assert found
    excluded = found[1].split(",")
    paths = secret_paths(app) | {"/read/x", "/s/x", "/outbox/x"}
    assert {path for path in paths if not any(re.search(url, path) for url in excluded)} == set()


@pytest.mark.parametrize("text", ["a\nb", "a\r\n2026-01-01 INFO fake: b", "a\x1b[2Jb", "a\u2028b", "a\x85b"])
def test_a_text_of_a_stranger_makes_no_line_in_the_log(text: str) -> None:
    formatter = LineFormatter("%(levelname)s %(name)s: %(message)s")
    line = formatter.format(logging.LogRecord("x", logging.INFO, "f.py", 1, "source %s", (text,), None))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    error = ValueError(text)
    info = (ValueError, error, error.__traceback__)
    shown = formatter.format(logging.LogRecord("x", logging.ERROR, "f.py", 1, "failed", (), info))
    first, *others = shown.splitlines()
    assert first == "ERROR x: failed"
    assert all(other.startswith("    ") for other in others)
    assert "\x1b" not in shown


def test_letters_of_any_language_stand_in_the_log_as_they_are() -> None:
    formatter = LineFormatter("%(message)s")
    record = logging.LogRecord("x", logging.INFO, "f.py", 1, "Привет, 世界 — ok", (), None)
    assert formatter.format(record) == "Привет, 世界 — ok"


def test_an_answer_for_programs_is_saved_and_not_rendered(client: FlaskClient) -> None:
    for path in ("/api/sources", "/api/feedback/generic"):
        headers = client.post(path, base_url=BASE).headers
        assert headers["Content-Disposition"] == 'attachment; filename="api.json"'
        assert headers["Content-Type"] == "application/json"


def test_every_answer_says_its_type_and_charset(client: FlaskClient) -> None:
    paths = (
        "/",
        "/link",
        "/no-such-page",
        "/admin/sign-in",
        "/healthz",
        "/readyz",
        "/static/dateline.css",
        "/regions",
    )
    for path in (*paths, "/api/sources", "/regions/world/feed.atom", "/regions/world/feed.json"):
        answer = client.get(path, base_url=BASE, buffered=True)
        kind = answer.headers["Content-Type"]
        assert kind.startswith(("application/json", "application/feed+json")) or "charset=utf-8" in kind, path
        assert (answer.mimetype == "text/html") == answer.text.lstrip().startswith("<!DOCTYPE html>"), path


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static/../settings.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fwsgi.py", "/.git/config",
        "/.env", "/var/secret_key", "/static/vendor/", "/wsgi.py", "/console",
    ],
)  # fmt: skip
def test_only_files_of_the_static_folder_are_served_and_no_folder_is_listed(
    client: FlaskClient, path: str
) -> None:
    assert client.get(path, base_url=BASE).status_code == 404


def test_a_page_that_breaks_shows_a_general_sentence(app: Flask, client: FlaskClient) -> None:
    def break_down() -> str:
        raise RuntimeError("password=hunter2 in /srv/dateline")

    app.view_functions["health.healthz"] = break_down
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/healthz", base_url=BASE)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert not app.debug


def test_no_other_site_is_allowed_to_read_an_answer(client: FlaskClient) -> None:
    for origin in ("https://evil.example", "null", BASE):
        for path in ("/", "/api/sources", "/healthz", "/admin/sign-in"):
            for method in ("GET", "OPTIONS"):
                answer = client.open(path, method=method, base_url=BASE, headers={"Origin": origin})
                assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_page_loads_anything_from_elsewhere() -> None:
    templates = [
        *Path(ROOT / "templates" / "web").glob("*.html"),
        *Path(ROOT / "templates" / "admin").glob("*.html"),
    ]
    assert len(templates) > 50
    for path in templates:
        assert not re.findall(
            r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(?:https?:)?//", path.read_text()
        ), path
