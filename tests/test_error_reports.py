"""Reports of errors go out only with SENTRY_DSN, and have nothing that identifies a reader."""

import gzip
import importlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sentry_sdk

from digest.app import create_app
from digest.errors import SettingsError
from digest.settings import Settings

DECODERS: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": lambda body: bytes(importlib.import_module("brotli").decompress(body)),  # where it is installed
}


@pytest.fixture
def reports() -> Iterator[tuple[int, list[bytes]]]:
    """The port of a server that keeps the reports it gets."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(DECODERS[self.headers["Content-Encoding"]](body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *values: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], received
        server.shutdown()
    sentry_sdk.init()  # no reports from other tests


def test_a_report_names_the_error_and_no_reader(settings: Settings, reports: tuple[int, list[bytes]]) -> None:
    port, received = reports
    app = create_app(replace(settings, sentry_dsn=f"http://key@127.0.0.1:{port}/1"))

    reader, token = "@".join(("ann", "example.org")), "-".join(("secret", "token"))  # reports quote our code

    def fail() -> str:
        raise ValueError(f"no {reader} behind https://news.example.org/u/{token}")

    app.view_functions["health.healthz"] = fail
    answer = app.test_client().get("/healthz?key=hidden", headers={"Cookie": "dateline=cookie-value"})
    assert answer.status_code == 500
    sentry_sdk.flush(10)
    report = b"".join(received)
    assert b"ValueError" in report
    for secret in (reader, token, "hidden", "cookie-value"):
        assert secret.encode() not in report
    events = [json.loads(line) for line in report.splitlines() if b'"exception"' in line]
    assert events[0]["tags"] == {"method": "GET"}


def test_a_wrong_dsn_is_a_wrong_setting(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="SENTRY_DSN"):
        create_app(replace(settings, sentry_dsn="https://sentry.example.org/"))
