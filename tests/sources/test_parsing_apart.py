"""Parsing in a process of its own."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

import pytest

from digest.errors import InvalidInputError
from digest.sources.parser_process import run_apart
from digest.sources.pure.entries import NotAFeedError
from digest.sources.pure.feeds.feed_parser import parse_feed, parse_safely

URL = "https://quay.example/feed"
FEED = """<rss version="2.0"><channel><title>Порт</title><ttl>60</ttl><item><title>Зерно</title><link>/1</link>
<pubDate>Wed, 14 Jan 2026 08:30:00 GMT</pubDate><enclosure url="/a.mp3" type="audio/mpeg"/></item>
</channel></rss>""".encode()


def test_a_feed_read_apart_is_the_same_feed() -> None:
    assert parse_safely(FEED, url=URL) == parse_feed(FEED, url=URL)


def test_the_reason_why_it_is_no_feed_comes_back() -> None:
    with pytest.raises(NotAFeedError, match="a web page, not a feed"):
        parse_safely("<html><p>Новости</html>".encode(), url=URL)


def test_a_body_that_takes_too_long_is_ended() -> None:
    # Thousands of categories: feedparser compares each with all before it.
    categories = "".join(f"<category>x{number}</category>" for number in range(30_000))
    body = FEED.replace(b"<pubDate>", categories.encode() + b"<pubDate>")
    with pytest.raises(InvalidInputError, match="more than 1 s of CPU time"):
        run_apart("digest.sources.parser_child", body, {"url": URL, "content_type": None}, cpu_seconds=1)


def test_several_threads_may_parse_at_once() -> None:
    with ThreadPoolExecutor(3) as pool:
        parsed = list(pool.map(lambda _: parse_safely(FEED, url=URL).title, range(3)))
    assert parsed == ["Порт"] * 3


def parse_and_tell(pipe: Connection) -> None:
    pipe.send(parse_safely(FEED, url=URL).title)


def test_a_daemonic_process_such_as_a_celery_worker_may_parse() -> None:
    ours, theirs = multiprocessing.Pipe()
    worker = multiprocessing.get_context("fork").Process(target=parse_and_tell, args=(theirs,), daemon=True)
    worker.start()
    assert ours.poll(20)
    assert ours.recv() == "Порт"
    worker.join()
