"""News sites, good and bad, in a process of their own, on many addresses of this machine's loopback.

    python -m benchmarks.publishers PORT ADDRESS… [--documents FOLDER]

Prints "ready". The path tells how a site behaves: /feed/N a feed with validators, /same/N the same without, /hang says
nothing, /drip one octet every fifth of a second, /large megabytes that never end well, /document/NAME a file of the
folder; `?v=2` is a later version of a document, in which every entry has changed.
"""

import argparse
import asyncio
import hashlib
import random
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

PLACES = (
    "Kazakhstan", "Georgia", "Peru", "Kenya", "Vietnam", "Serbia", "Japan", "Bolivia", "Morocco", "Казахстан",
    "Tbilisi", "Lima", "Hanoi", "Belgrade", "Osaka", "La Paz", "Rabat", "Алматы", "Armenia", "Turkey", "France", "Mali",
)  # fmt: skip
EVENTS = (
    "opens a second bridge over the river", "counts its cranes from the air", "signs a contract for forty trams",
    "moves the harvest fair to October", "lowers the toll for lorries at night", "finds a mosaic under a car park",
    "plants oaks along the railway", "asks farmers about the new canal", "tests a ferry that runs on batteries",
)  # fmt: skip
SENTENCES = (
    "The council voted for the plan on Tuesday after three hours of debate.", "Work begins in March, for two years.",
    "It costs less than was feared, the engineers say.", "Neighbouring towns want to join in later.",
    "Residents had asked for it since the floods.", "A spokesman declined to name the builder.",
)  # fmt: skip
ResponseWriter = asyncio.StreamWriter


def make_feed(number: int, version: int, entries: int = 58) -> bytes:
    """A feed as news sites have them: 58 entries with summaries, every third with its whole text."""
    rng = random.Random(number)  # noqa: S311 -- the same each time
    site = f"https://news{number}.example"
    now = datetime.now(UTC) - timedelta(minutes=5)
    items = [_item(rng, site, place, version, now) for place in range(entries)]
    head = f"<title>News of {number}</title><link>{site}/</link><language>en</language><ttl>30</ttl>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'.encode()


def _item(rng: random.Random, site: str, place: int, version: int, now: datetime) -> str:
    title = f"{rng.choice(PLACES)} {rng.choice(EVENTS)}, says report {rng.randrange(10**6)}"
    text = " ".join(f"{rng.choice(SENTENCES)} {rng.choice(PLACES)}." for _ in range(rng.randrange(2, 8)))
    edited = f"Updated, version {version}. " if version > 1 else ""
    whole = (
        "".join(f"<p>{edited}{text} {rng.choice(SENTENCES)}</p>" for _ in range(6)) if place % 3 == 0 else ""
    )
    when = now.replace(minute=0, second=0, microsecond=0) - timedelta(minutes=20 * place)
    return (
        f"<item><title>{escape(title)}</title><link>{site}/{place}</link><guid>{site}/{place}</guid>"
        f"<pubDate>{when:%a, %d %b %Y %H:%M:%S} GMT</pubDate><description>{escape(edited + text)}</description>"
        f"<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[{whole}]]></content:encoded></item>"
    )


async def serve_feed(out: ResponseWriter, path: str, version: int, asked: str) -> None:
    """A feed that knows whether it has changed."""
    body = FEED_CACHE.setdefault((path, version), make_feed(int(path.rpartition("/")[2]), version))
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    if path.startswith("/feed") and etag in asked:
        _head(out, "304 Not Modified", f"ETag: {etag}")
        return
    _head(
        out,
        "200 OK",
        f"Content-Length: {len(body)}",
        *([f"ETag: {etag}"] if path.startswith("/feed") else []),
    )
    out.write(body)


async def serve_document(out: ResponseWriter, path: str, version: int, _asked: str) -> None:
    """A file; in its second version every title and description differs."""
    body = (DOCUMENT_FOLDER[0] / path.rpartition("/")[2]).read_bytes()
    for tag in (b"</title>", b"</description>", b"</summary>") if version > 1 else ():
        body = body.replace(b"]]>" + tag, b" (updated)]]>" + tag)
        body = re.sub(rb"([^>\s])\s*" + tag, rb"\1 (updated)" + tag, body)
    _head(out, "200 OK", f"Content-Length: {len(body)}", "Content-Type: application/xml")
    out.write(body)


async def hang(_out: ResponseWriter, _path: str, _version: int, _asked: str) -> None:
    """Nothing, for a minute."""
    await asyncio.sleep(60)


async def drip(out: ResponseWriter, _path: str, _version: int, _asked: str) -> None:
    """One octet every fifth of a second."""
    _head(out, "200 OK", "Content-Length: 100000")
    for _ in range(300):
        out.write(b"x")
        await out.drain()
        await asyncio.sleep(0.2)


async def large(out: ResponseWriter, _path: str, _version: int, _asked: str) -> None:
    """Nine megabytes, and then nothing: the most that a reader keeps for the longest time."""
    _head(out, "200 OK", "Content-Length: 20000000")
    for _ in range(9):
        out.write(b"<!-- -->" * 125_000)
        await out.drain()
        await asyncio.sleep(0.5)
    await asyncio.sleep(60)


FEED_CACHE: dict[tuple[str, int], bytes] = {}
DOCUMENT_FOLDER: list[Path] = []
HANDLERS: dict[str, Callable[[ResponseWriter, str, int, str], Awaitable[None]]] = {
    "feed": serve_feed, "same": serve_feed, "document": serve_document, "hang": hang, "drip": drip, "large": large
}  # fmt: skip


def _head(out: ResponseWriter, status: str, *fields: str) -> None:
    out.write("\r\n".join((f"HTTP/1.1 {status}", *fields, "Connection: close", "", "")).encode())


async def handle_request(into: asyncio.StreamReader, out: ResponseWriter) -> None:
    """One request."""
    try:
        request = (await into.readuntil(b"\r\n\r\n")).decode()
        path, _, query = request.split()[1].partition("?")
        await HANDLERS[path.split("/")[1]](out, path, int(query.removeprefix("v=") or 1), request)
        await out.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        out.close()


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("addresses", nargs="+")
    parser.add_argument("--documents", type=Path)
    args = parser.parse_args()
    DOCUMENT_FOLDER.append(args.documents)
    server = await asyncio.start_server(handle_request, args.addresses, args.port, backlog=1_000)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
