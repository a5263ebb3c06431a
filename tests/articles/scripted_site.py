"""A web site that gives scripted answers, on this machine."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

SILENCE_SECONDS = 60  # how long a request with status 0 waits for its answer


class Answer(NamedTuple):
    """What the site answers; with status 0 it stays silent."""

    status: int
    headers: dict[str, str]
    body: str


class ReceivedRequest(NamedTuple):
    """A request that the site got."""

    at: float  # by the monotonic clock
    host: str
    path: str
    headers: dict[str, str]


@dataclass
class ScriptedSite:
    """A site whose answers are known beforehand: each path gives its answers in order, the last one for ever."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[ReceivedRequest] = field(default_factory=list)
    open_requests: dict[str, int] = field(default_factory=dict)  # by host
    max_open_requests: int = 0  # of one host
    answer_seconds: float = 0.0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def answer(self, path: str, status: int = 200, *, body: str, **headers: str) -> None:
        """Add an answer for a path. "_" in the name of a header stands for "-"."""
        self.answers.setdefault(path, []).append(Answer(status, headers, body))

    def next_answer(self, host: str, path: str, headers: dict[str, str]) -> Answer:
        with self.lock:
            self.requests.append(ReceivedRequest(time.monotonic(), host, path, headers))
            self.open_requests[host] = self.open_requests.get(host, 0) + 1
            self.max_open_requests = max(self.max_open_requests, self.open_requests[host])
            answers = self.answers[path]
            return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def serve_scripted_site() -> Iterator[ScriptedSite]:
    site = ScriptedSite()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"].partition(":")[0]
            answer = site.next_answer(host, self.path, dict(self.headers))
            time.sleep(SILENCE_SECONDS if answer.status == 0 else site.answer_seconds)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(answer.body.encode())))
            self.end_headers()
            with site.lock:
                site.open_requests[host] -= 1
            self.wfile.write(answer.body.encode())

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield site
    server.shutdown()
