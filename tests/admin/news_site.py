"""A news site on this machine."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask

from digest.parts import EXTENSION_KEY
from digest.sources.http.fetch import Fetcher

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>https://a.example/</link>
<item><title>News of the day</title><link>https://a.example/1</link></item></channel></rss>"""
LINK = '<link rel="alternate" type="application/rss+xml" title="{title}" href="/{path}.xml">'
SITE = {
    "/north.xml": FEED.format(title="The North"),
    "/south.xml": FEED.format(title="The South"),
    "/one": "<!doctype html><html><head>"
    + LINK.format(title="North", path="north")
    + "</head><body>x</body></html>",
    "/two": "<!doctype html><html><head>"
    + LINK.format(title="North", path="north")
    + LINK.format(title="<b>South</b>", path="south")
    + "</head><body>x</body></html>",
    "/none": "<!doctype html><html><head><title>x</title></head><body>No feed here</body></html>",
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = SITE.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """A news site on this machine, which the application may fetch from."""
    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    found = app.extensions[EXTENSION_KEY]
    fetcher = Fetcher(allowed_private_hosts=frozenset((host,)), user_agent="Dateline/test")
    app.extensions[EXTENSION_KEY] = replace(found, ingest=replace(found.ingest, fetcher=fetcher))
    yield f"http://{host}"
    server.shutdown()
    server.server_close()
