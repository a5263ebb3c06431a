"""A publisher's web server on this machine, each path with a behaviour of its own."""

import gzip
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

FEED = b'<rss version="2.0"><channel><title>Quay</title><item><title>Grain</title></item></channel></rss>'
ODD_ETAG = 'W/"a b\\"\u00e9;,=--gzip'  # nothing of it may be changed, or it is another one
ETAG = '"v1"'
MODIFIED = "Wed, 14 Jan 2026 08:30:00 GMT"

Behaviour = Callable[["Handler"], None]


@dataclass
class Newsstand:
    """The server's address and what it was asked."""

    server: ThreadingHTTPServer
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.server.server_port}"

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://{self.host}{path}"


class Handler(BaseHTTPRequestHandler):
    """Answers a GET by the behaviour that its path names."""

    newsstand: Newsstand
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Look the behaviour up; a client that hangs up is expected."""
        self.newsstand.asked.append((self.path, dict(self.headers.items())))
        path, _, argument = self.path.partition("?")
        self.argument = unquote(argument)
        self.close_connection = True
        try:
            BEHAVIOURS.get(path, missing)(self)
        except (BrokenPipeError, ConnectionResetError):
            return

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer; underscores in header names stand for hyphens."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self, **headers: str) -> None:
        """The head of an answer whose end is the connection's end."""
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Nothing: tests are quiet."""


def missing(to: Handler) -> None:
    """404."""
    to.reply(404)


def feed(to: Handler) -> None:
    """A feed that knows whether it has changed."""
    if to.headers.get("If-None-Match") == ETAG or to.headers.get("If-Modified-Since") == MODIFIED:
        to.reply(304, ETag=ETAG, Cache_Control="max-age=600")
        return
    to.reply(
        200,
        FEED,
        Content_Type="application/rss+xml",
        ETag=ETAG,
        Last_Modified=MODIFIED,
        Cache_Control="max-age=3600",
    )


def status(to: Handler) -> None:
    """The status that the query names, with Retry-After after a colon."""
    code, _, wait = to.argument.partition(":")
    to.reply(int(code), b"no", **({"Retry_After": wait.replace("+", " ")} if wait else {}))


def redirect(to: Handler) -> None:
    """A redirect: ?301,/feed."""
    code, _, where = to.argument.partition(",")
    to.reply(int(code), Location=where)


def loop(to: Handler) -> None:
    """A redirect without end."""
    to.reply(302, Location=f"/loop?{to.argument}x")


def bomb(to: Handler) -> None:
    """A thousandfold gzip bomb: 1 GiB in 1 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * 2**20
    to.begin(Content_Encoding="gzip", Content_Type="text/xml")
    for _ in range(1024):
        to.wfile.write(packer.compress(block))
    to.wfile.write(packer.flush())


def bomb_within(to: Handler) -> None:
    """A bomb packed twice: 100 MB in some 300 octets."""
    packed = gzip.compress(gzip.compress(b"\0" * 100_000_000, 9), 9)
    to.reply(200, packed, Content_Encoding="gzip, gzip", Content_Type="text/xml")


def expires(to: Handler) -> None:
    """A feed that is fresh for long by its date, and odd in its validators."""
    if to.headers.get("If-None-Match") == ODD_ETAG:
        to.reply(304)
        return
    to.reply(200, FEED, ETag=ODD_ETAG, Expires="Wed, 14 Jan 2099 08:30:00 GMT", Retry_After="7200")


def wander(to: Handler) -> None:
    """A feed, after a redirect from one name of this machine to the other."""
    to.reply(301, Location=f"http://localhost:{to.server.server_port}{to.argument}")  # type: ignore[attr-defined]


def twice(to: Handler) -> None:
    """A feed packed twice."""
    to.reply(200, gzip.compress(gzip.compress(FEED)), Content_Encoding="gzip, gzip")


def damaged(to: Handler) -> None:
    """Says gzip, sends none."""
    to.reply(200, b"not gzip at all", Content_Encoding="gzip")


def drip(to: Handler) -> None:
    """One byte every fifth of a second."""
    to.begin()
    for _ in range(50):
        to.wfile.write(b"x")
        to.wfile.flush()
        time.sleep(0.2)


def slow_head(to: Handler) -> None:
    """Headers that never end."""
    to.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(50):
        to.wfile.write(f"X-{number}: x\r\n".encode())
        to.wfile.flush()
        time.sleep(0.2)


def silent(_: Handler) -> None:
    """Accepts, and says nothing for a while."""
    time.sleep(10)


def cut(to: Handler) -> None:
    """Promises more than it sends."""
    to.send_response(200)
    to.send_header("Content-Length", "100000")
    to.end_headers()
    to.wfile.write(FEED)


def garbage(to: Handler) -> None:
    """Not HTTP."""
    to.wfile.write(b"\x00\x01\x02 hello\r\n\r\n")


BEHAVIOURS: dict[str, Behaviour] = {
    "/feed": feed,
    "/status": status,
    "/redirect": redirect,
    "/loop": loop,
    "/bomb": bomb,
    "/bomb-within": bomb_within,
    "/expires": expires,
    "/wander": wander,
    "/twice": twice,
    "/damaged": damaged,
    "/drip": drip,
    "/slow-head": slow_head,
    "/silent": silent,
    "/cut": cut,
    "/garbage": garbage,
}


def open_newsstand() -> Newsstand:
    """A server on a free port, in a thread."""
    handler = type("BoundHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    newsstand = Newsstand(server)
    handler.newsstand = newsstand  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return newsstand
