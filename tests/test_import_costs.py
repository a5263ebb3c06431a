"""What a process may not import before it needs it: each command, worker and test waits for its imports."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Libraries that only some requests, tasks or settings need.
SELDOM = {
    "PIL", "aiosmtpd", "alembic", "authlib", "dns", "feedparser", "flufl.bounce", "honcho", "joserfc", "mako", "numpy",
    "prometheus_client", "psycopg", "py3langid", "requests", "segno", "sentry_sdk", "spectree", "trafilatura",
    "webauthn",
}  # fmt: skip
# Commands, workers and beat show no pages.
PAGES = {
    "digest.admin", "digest.api.v1", "digest.pages", "flask_limiter", "flask_login", "flask_wtf", "pydantic", "wtforms",
}  # fmt: skip
SCRIPT = """
import json, sys
import digest.app
from digest.settings import Settings
imported = [sorted(sys.modules)]
settings = Settings.from_env({"DATELINE_VAR": sys.argv[1], "REDIS_URL": "redis://127.0.0.1:1"})
digest.app.create_app(settings, pages=False)
imported.append(sorted(sys.modules))
digest.app.create_app(settings)
imported.append(sorted(sys.modules))
print(json.dumps(imported))
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> list[set[str]]:
    """The modules after importing `digest.app`, after making an application without pages, and one with them."""
    command = [sys.executable, "-c", SCRIPT, str(tmp_path_factory.mktemp("var"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [set(modules) for modules in json.loads(done.stdout.splitlines()[-1])]


def test_importing_the_application_loads_nothing_that_few_processes_need(imported: list[set[str]]) -> None:
    assert imported[0] & (SELDOM | PAGES | {"redis"}) == set()
    assert {name for name in imported[0] if name.startswith("digest.cli.")} == {
        "digest.cli.audited",
        "digest.cli.exit_status",
        "digest.cli.main",
        "digest.cli.reports",
    }


def test_commands_and_workers_load_no_pages(imported: list[set[str]]) -> None:
    assert imported[1] & (SELDOM | PAGES) == set()


def test_pages_load_no_library_before_a_request_needs_it(imported: list[set[str]]) -> None:
    assert imported[2] & SELDOM == set()
    assert imported[2] >= PAGES
