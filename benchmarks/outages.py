"""An installation of real processes that an outage drill breaks: web, worker, beat, broker, mail server, webhook.

It looks where operators look: /metrics, `dateline doctor --json`, /readyz, the overview, and the webhook of alerts.
"""

import json
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from benchmarks import procfile
from digest import broker
from digest.app import build_parts, create_app
from digest.settings import Settings
from digest.task_names import TaskName
from digest.tasks import enqueue_with
from tests.smtp_sink import MailSink, ReceivedMail, SmtpHandler

SECRET = "only for this drill, and not a secret"  # noqa: S105
WITHIN = 150.0  # seconds in which everything must be seen
INTERVAL = 1.0  # seconds between two looks


class Address:
    """A port of 127.0.0.1 that stays the same while what listens on it comes and goes."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]


class MailServer(Address):
    """A mail server that can be stopped: then it refuses connections."""

    def __init__(self) -> None:
        super().__init__()
        self._server: socketserver.ThreadingTCPServer | None = None
        self._sink = MailSink(self.port)

    @property
    def received(self) -> list[ReceivedMail]:
        """The mails that it has accepted."""
        return self._sink.received

    def start(self) -> None:
        """Accept connections."""
        handler = type("DrillHandler", (SmtpHandler,), {"sink": self._sink})
        kind = type("DrillServer", (socketserver.ThreadingTCPServer,), {"allow_reuse_address": True})
        self._server = kind(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()


class Webhook(Address):
    """Keeps the alerts that are posted to it."""

    def __init__(self) -> None:
        super().__init__()
        self.alerts: list[tuple[str, str]] = []  # "alert.started", and the name of the problem
        alerts = self.alerts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                alerts.append((content["type"], content["data"]["name"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_values: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()


class Drill:
    """The installation, in a folder of its own."""

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder, self.stack = folder, ExitStack()
        self.mail_server, self.webhook, self.web = MailServer(), Webhook(), Address()
        self.environment = {
            "DATELINE_VAR": str(folder),
            "BASE_URL": f"http://127.0.0.1:{self.web.port}",
            "PORT": str(self.web.port),
            "WEB_CONCURRENCY": "1",
            "SECRET_KEY": SECRET,
            "SENDERS": "1",
            "SMTP_URL": f"smtp://127.0.0.1:{self.mail_server.port}/?tls=none",
            "ALERT_WEBHOOK": f"http://127.0.0.1:{self.webhook.port}/",
            "FETCH_ALLOW": f"127.0.0.1:{self.webhook.port}",
            "LOG_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore",
            "PATH": os.environ["PATH"],
            **(settings or {}),
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.hangs = False  # whether the drill's source does not answer

    def __enter__(self) -> Self:
        self.stack.callback(self.webhook.stop)
        self.stack.callback(self.mail_server.stop)
        self.mail_server.start()
        own = Settings.from_env(self.environment)
        self.parts = build_parts(own)
        self.stack.callback(self.parts.db.close)
        self.parts.db.upgrade()
        self.start_broker()
        self.celery = create_app(own).extensions["celery"]
        return self

    def __exit__(self, *_error: object) -> None:
        for name in tuple(self.processes):
            self.kill(name)
        self.stack.close()

    def start(self, name: str) -> None:
        """Start a process of the Procfile."""
        self.processes[name] = procfile.start(name, self.environment)
        if name == "web":
            self.wait_until_seen("the site", lambda: bool(self.get("/healthz")))

    def kill(self, name: str) -> None:
        """Kill a process and its children."""
        process = self.processes.pop(name, None)
        if process is not None:
            procfile.kill_group(process)

    def start_broker(self) -> None:
        """Start the embedded broker."""
        path = broker.socket_path(self.folder)
        path.unlink(missing_ok=True)
        self.processes["broker"] = subprocess.Popen(
            broker.broker_command(self.folder), start_new_session=True
        )
        self.wait_until_seen("the broker", path.exists)

    def ask_for_measures(self) -> None:
        """Enqueue the task that tries the mail servers, as beat does each minute."""
        enqueue_with(self.celery, TaskName.TAKE_MEASURES)

    def get(self, path: str) -> str:
        """A page of the site, also with an error status; "" while nothing answers."""
        request = Request(f"http://127.0.0.1:{self.web.port}{path}")
        try:
            with urlopen(request, timeout=20) as response:  # noqa: S310
                return str(response.read().decode())
        except HTTPError as error:
            return error.read().decode()
        except OSError:
            return ""

    def mail_server_is_up(self) -> bool | None:
        """What /metrics says of the mail server; None if it says nothing."""
        found = re.search(r"^dateline_mail_server_up\{.*\} (\S+)$", self.get("/metrics"), re.MULTILINE)
        return None if found is None else float(found[1]) == 1

    def names_in_metrics(self) -> set[str]:
        """The problems that /metrics names."""
        lines = self.get("/metrics").splitlines()
        named = (
            re.search(r'name="([a-z_]+)"', line) for line in lines if line.startswith("dateline_problem{")
        )
        return {found[1] for found in named if found}

    def names_in_readyz(self) -> set[str]:
        """The problems that /readyz names."""
        with suppress(ValueError):
            answer = json.loads(self.get("/readyz"))
            failed = {f"{name}_away" for name, text in answer.get("checks", {}).items() if text != "ok"}
            return failed | {problem["name"] for problem in answer.get("problems", [])}
        return set()

    def names_in_doctor(self) -> set[str]:
        """The problems that `dateline doctor` names, if it ends with 1."""
        answer = self.doctor()
        checks = {"database": "database_away", "broker": "broker_away", "mail server": "mail_server_away"}
        wrong = {checks.get(check["name"], "") for check in answer["checks"] if check["level"] == "error"}
        return wrong | {problem["name"] for problem in answer["problems"]}

    def doctor(self) -> dict[str, Any]:
        """What `dateline doctor --json` prints."""
        command = [sys.executable, "-m", "digest", "doctor", "--json"]
        environment = {**self.environment, "PYTHONPATH": str(procfile.ROOT)}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    def names_told(self, kind: str) -> set[str]:
        """The problems of which the webhook was told."""
        return {name for told, name in self.webhook.alerts if told == kind}

    def see(self, name: str, *, by_doctor: bool = True) -> float:
        """Wait until an outage is seen everywhere; returns the seconds that took."""
        started = time.monotonic()
        self.wait_until_seen(f"/metrics: {name}", lambda: name in self.names_in_metrics())
        self.wait_until_seen(f"/readyz: {name}", lambda: name in self.names_in_readyz())
        self.wait_until_seen(f"an alert: {name}", lambda: name in self.names_told("alert.started"))
        if by_doctor:
            self.wait_until_seen(f"doctor: {name}", lambda: name in self.names_in_doctor())
        return time.monotonic() - started

    def see_end(self, name: str) -> float:
        """Wait until a recovery is seen everywhere; returns the seconds that took."""
        started = time.monotonic()
        self.wait_until_seen(f"/metrics: no {name}", lambda: name not in self.names_in_metrics())
        self.wait_until_seen(f"the end of {name}", lambda: name in self.names_told("alert.ended"))
        return time.monotonic() - started

    def wait_until_seen(self, what: str, is_seen: Callable[[], bool]) -> None:
        """Return when something is seen. Raises TimeoutError after WITHIN."""
        until = time.monotonic() + WITHIN
        while not is_seen():
            if time.monotonic() > until:
                raise TimeoutError(f"{what} was not seen within {WITHIN:.0f} s; told: {self.webhook.alerts}")
            time.sleep(INTERVAL)
