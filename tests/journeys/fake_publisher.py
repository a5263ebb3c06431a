"""A publisher with several feeds on 127.0.0.1, for the journeys: real HTTP, honest validators, news on demand."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Three outlets; each piece of news is about what its name says.
HEADLINES: Mapping[str, tuple[str, ...]] = {
    "steppe": (
        "Almaty opens a new tram line to the mountains",
        "Uzbekistan plants a million poplars along its canals",
        "Bishkek library lends books by horse again",
        "Heavy snow closes the pass between Tajikistan and Kyrgyzstan",
    ),
    "caucasus": (
        "Tbilisi restores its oldest bath house",
        "Armenia counts a record apricot harvest",
        "Azerbaijan widens the railway from Baku to the coast",
    ),
    "world": (
        "Iran reopens a caravanserai as a museum",
        "Estonia tests buses that charge at every stop",
        "Kenya maps its highland springs",
        "Chile measures the night sky above Atacama",
    ),
}


@dataclass
class FakePublisher:
    """The feeds' titles, what was asked for, and how to publish more."""

    port: int = 0
    titles: dict[str, list[str]] = field(
        default_factory=lambda: {name: list(news) for name, news in HEADLINES.items()}
    )
    requests: list[tuple[str, int]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """For FETCH_ALLOW."""
        return f"127.0.0.1:{self.port}"

    def url(self, outlet: str) -> str:
        """The address of an outlet's feed."""
        return f"http://{self.host}/{outlet}.xml"

    def feed(self, outlet: str) -> bytes:
        """An outlet's feed, as RSS."""
        now = format_datetime(datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
        items = "".join(
            f"<item><title>{escape(title)}</title><link>http://{self.host}/{outlet}/{number}</link>"
            f"<pubDate>{now}</pubDate><description>{escape(title)}. That is all so far.</description></item>"
            for number, title in enumerate(self.titles[outlet])
        )
        return f'<rss version="2.0"><channel><title>The {outlet.title()} Post</title>{items}</channel></rss>'.encode()


class PublisherRequestHandler(BaseHTTPRequestHandler):
    """Serves the feeds, with ETag and 304."""

    publisher: FakePublisher

    def do_GET(self) -> None:
        outlet = self.path.strip("/").removesuffix(".xml")
        body = self.publisher.feed(outlet) if outlet in self.publisher.titles else b""
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        status = 404 if not body else 304 if self.headers.get("If-None-Match") == etag else 200
        self.publisher.requests.append((self.path, status))
        self.send_response(status)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body) if status == 200 else 0))
        self.end_headers()
        if status == 200:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class's name)
        """Quiet."""


@contextmanager
def run_publisher() -> Iterator[FakePublisher]:
    """A publisher for the length of a block."""
    publisher = FakePublisher()
    handler = type("PublisherHandler", (PublisherRequestHandler,), {"publisher": publisher})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        publisher.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield publisher
        server.shutdown()
