"""A publisher's web server on this machine. Each path answers in its own way."""

import gzip
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

FEED = b'<rss version="2.0"><channel><title>Quay</title><item><title>Grain</title></item></channel></rss>'
UNUSUAL_ETAG = 'W/"a b\\"\u00e9;,=--gzip'  # must come back byte for byte
ETAG = '"v1"'
LAST_MODIFIED = "Wed, 14 Jan 2026 08:30:00 GMT"

Answer = Callable[["FeedRequestHandler"], None]


@dataclass
class FeedServer:
    """A running server and the requests that it got: path and headers."""

    server: ThreadingHTTPServer
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.server.server_port}"

    def url(self, path: str) -> str:
        """The URL of a path."""
        return f"http://{self.host}{path}"


class FeedRequestHandler(BaseHTTPRequestHandler):
    """Answers a GET with the function for its path."""

    feed_server: FeedServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Call the function for the path. A client may close the connection early."""
        self.feed_server.requests.append((self.path, dict(self.headers.items())))
        path, _, argument = self.path.partition("?")
        self.argument = unquote(argument)
        self.close_connection = True
        try:
            ANSWERS.get(path, missing)(self)
        except (BrokenPipeError, ConnectionResetError):
            return

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a complete response; underscores in header names become hyphens."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def start_reply(self, **headers: str) -> None:
        """Send the head of a response whose body ends when the connection closes."""
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Log nothing."""


def missing(handler: FeedRequestHandler) -> None:
    """404."""
    handler.reply(404)


def feed(handler: FeedRequestHandler) -> None:
    """A feed with validators; answers 304 when they are sent back."""
    if (
        handler.headers.get("If-None-Match") == ETAG
        or handler.headers.get("If-Modified-Since") == LAST_MODIFIED
    ):
        handler.reply(304, ETag=ETAG, Cache_Control="max-age=600")
        return
    handler.reply(
        200,
        FEED,
        Content_Type="application/rss+xml",
        ETag=ETAG,
        Last_Modified=LAST_MODIFIED,
        Cache_Control="max-age=3600",
    )


def status(handler: FeedRequestHandler) -> None:
    """The status in the query, with Retry-After behind a colon: ?429:120."""
    status_code, _, retry_after = handler.argument.partition(":")
    headers = {"Retry_After": retry_after.replace("+", " ")} if retry_after else {}
    handler.reply(int(status_code), b"no", **headers)


def redirect(handler: FeedRequestHandler) -> None:
    """A redirect with the status and location in the query: ?301,/feed."""
    status_code, _, location = handler.argument.partition(",")
    handler.reply(int(status_code), Location=location)


def loop(handler: FeedRequestHandler) -> None:
    """Redirects forever."""
    handler.reply(302, Location=f"/loop?{handler.argument}x")


def gzip_bomb(handler: FeedRequestHandler) -> None:
    """A gzip bomb: 1 GiB in 1 MB."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * 2**20
    handler.start_reply(Content_Encoding="gzip", Content_Type="text/xml")
    for _ in range(1024):
        handler.wfile.write(compressor.compress(block))
    handler.wfile.write(compressor.flush())


def nested_gzip_bomb(handler: FeedRequestHandler) -> None:
    """A gzip bomb compressed twice: 100 MB in about 300 bytes."""
    body = gzip.compress(gzip.compress(b"\0" * 100_000_000, 9), 9)
    handler.reply(200, body, Content_Encoding="gzip, gzip", Content_Type="text/xml")


def expires(handler: FeedRequestHandler) -> None:
    """A feed with an Expires date in the far future and an unusual ETag."""
    if handler.headers.get("If-None-Match") == UNUSUAL_ETAG:
        handler.reply(304)
        return
    handler.reply(200, FEED, ETag=UNUSUAL_ETAG, Expires="Wed, 14 Jan 2099 08:30:00 GMT", Retry_After="7200")


def redirect_to_localhost(handler: FeedRequestHandler) -> None:
    """A permanent redirect from 127.0.0.1 to localhost, to the path in the query."""
    handler.reply(301, Location=f"http://localhost:{handler.server.server_port}{handler.argument}")  # type: ignore[attr-defined]


def gzipped_twice(handler: FeedRequestHandler) -> None:
    """A feed compressed twice."""
    handler.reply(200, gzip.compress(gzip.compress(FEED)), Content_Encoding="gzip, gzip")


def invalid_gzip(handler: FeedRequestHandler) -> None:
    """Declares gzip and sends plain text."""
    handler.reply(200, b"not gzip at all", Content_Encoding="gzip")


def drip_body(handler: FeedRequestHandler) -> None:
    """Sends one byte every fifth of a second."""
    handler.start_reply()
    for _ in range(50):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.2)


def slow_head(handler: FeedRequestHandler) -> None:
    """Sends headers slowly for 10 seconds."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(50):
        handler.wfile.write(f"X-{number}: x\r\n".encode())
        handler.wfile.flush()
        time.sleep(0.2)


def silent(_: FeedRequestHandler) -> None:
    """Accepts the connection and sends nothing for 10 seconds."""
    time.sleep(10)


def truncated_body(handler: FeedRequestHandler) -> None:
    """Declares a longer body than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(FEED)


def garbage(handler: FeedRequestHandler) -> None:
    """Sends bytes that are not HTTP."""
    handler.wfile.write(b"\x00\x01\x02 hello\r\n\r\n")


def gzip_file(handler: FeedRequestHandler) -> None:
    """A packed feed without Content-Encoding, as a file on a disk; packed as often as the query says."""
    body = FEED
    for _ in range(int(handler.argument or 1)):
        body = gzip.compress(body)
    handler.reply(200, body, Content_Type="application/x-gzip")


def gzip_file_bomb(handler: FeedRequestHandler) -> None:
    """100 MB, packed twice, without Content-Encoding."""
    handler.reply(200, gzip.compress(gzip.compress(b"\0" * 100_000_000, 9), 9))


def damaged_gzip_file(handler: FeedRequestHandler) -> None:
    """A packed feed with a wrong byte in its middle."""
    body = bytearray(gzip.compress(FEED * 20))
    body[20] ^= 0xFF
    handler.reply(200, bytes(body))


def needs_cookie(handler: FeedRequestHandler) -> None:
    """Sets a cookie with the attributes in the query and redirects to itself, until the cookie comes back."""
    if "ok=1" in (handler.headers.get("Cookie") or ""):
        handler.reply(200, FEED)
        return
    handler.reply(302, Location=handler.path, Set_Cookie=f"ok=1; {handler.argument}")


def cookie_and_redirect(handler: FeedRequestHandler) -> None:
    """Sets a cookie and redirects to the address in the query."""
    handler.reply(302, Location=handler.argument, Set_Cookie="ok=1; Path=/")


def raw_location(handler: FeedRequestHandler) -> None:
    """A redirect whose Location has the octets that the query names in hexadecimal."""
    handler.wfile.write(b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: ")
    handler.wfile.write(bytes.fromhex(handler.argument) + b" \r\n\r\n")


def page(handler: FeedRequestHandler) -> None:
    """The page in the query."""
    handler.reply(200, handler.argument.encode(), Content_Type="text/html")


def challenge(handler: FeedRequestHandler) -> None:
    """Status 403 with Cloudflare's header of a challenge."""
    handler.reply(403, b"no", cf_mitigated="challenge")


ANSWERS: dict[str, Answer] = {
    "/gzip-file": gzip_file,
    "/gzip-file-bomb": gzip_file_bomb,
    "/damaged-gzip-file": damaged_gzip_file,
    "/needs-cookie": needs_cookie,
    "/cookie-and-redirect": cookie_and_redirect,
    "/raw-location": raw_location,
    "/page": page,
    "/challenge": challenge,
    "/feed": feed,
    "/status": status,
    "/redirect": redirect,
    "/loop": loop,
    "/bomb": gzip_bomb,
    "/nested-bomb": nested_gzip_bomb,
    "/expires": expires,
    "/redirect-to-localhost": redirect_to_localhost,
    "/gzipped-twice": gzipped_twice,
    "/invalid-gzip": invalid_gzip,
    "/drip": drip_body,
    "/slow-head": slow_head,
    "/silent": silent,
    "/truncated": truncated_body,
    "/garbage": garbage,
}


def start_feed_server() -> FeedServer:
    """Start a server on a free port, in a thread."""
    handler_class = type("BoundHandler", (FeedRequestHandler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_class)
    server.daemon_threads = True
    feed_server = FeedServer(server)
    handler_class.feed_server = feed_server  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return feed_server
