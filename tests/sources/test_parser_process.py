"""Parsing in a child process with limits."""

import json
import multiprocessing
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

import pytest

from digest.errors import InvalidInputError
from digest.sources import parser_process
from digest.sources.documents import parse_feed_isolated
from digest.sources.parser_process import run_isolated
from digest.sources.pure.entries import DocumentError
from digest.sources.pure.feeds.feed_parser import parse_feed

URL = "https://quay.example/feed"
FEED = """<rss version="2.0"><channel><title>Порт</title><ttl>60</ttl><item><title>Зерно</title><link>/1</link>
<pubDate>Wed, 14 Jan 2026 08:30:00 GMT</pubDate><enclosure url="/a.mp3" type="audio/mpeg"/></item>
</channel></rss>""".encode()


def test_a_feed_parsed_in_a_child_process_is_the_same_feed() -> None:
    assert parse_feed_isolated(FEED, url=URL) == parse_feed(FEED, url=URL)


def test_the_reason_why_a_body_is_not_a_feed_comes_back() -> None:
    with pytest.raises(DocumentError, match="a web page, not a feed"):
        parse_feed_isolated("<html><p>Новости</html>".encode(), url=URL)


def test_a_child_that_takes_too_long_is_ended() -> None:
    # feedparser compares each category with all before it, so thousands of them take quadratic time.
    categories = "".join(f"<category>x{number}</category>" for number in range(30_000))
    body = FEED.replace(b"<pubDate>", categories.encode() + b"<pubDate>")
    with pytest.raises(InvalidInputError, match="more than 1 s of CPU time"):
        run_isolated("digest.sources.parser_child", body, {"url": URL, "content_type": None}, cpu_seconds=1)


def test_a_process_with_much_memory_does_not_start_a_child_for_each_document() -> None:
    while parser_process._idle:
        parser_process._idle.pop().end()
    memory = b"x" * (parser_process.RECYCLE_RSS_KIB * 1024)
    parse_feed_isolated(FEED, url=URL)
    (child,) = parser_process._idle
    parse_feed_isolated(FEED, url=URL)
    assert parser_process._idle == [child]
    del memory  # needed until here


def test_the_memory_of_a_child_is_its_own_and_not_that_of_who_started_it() -> None:
    program = (
        "from digest.sources.parser_process import _peak_rss_kib as peak;"
        "print(peak()); len(b'x' * 100_000_000); print(peak())"
    )
    memory = b"x" * (parser_process.RECYCLE_RSS_KIB * 1024)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    del memory
    before, after = map(int, done.stdout.split())
    assert before < parser_process.RECYCLE_RSS_KIB / 4
    assert 90_000 < after - before < 110_000


def test_several_threads_may_parse_at_once() -> None:
    with ThreadPoolExecutor(3) as pool:
        titles = list(pool.map(lambda _: parse_feed_isolated(FEED, url=URL).title, range(3)))
    assert titles == ["Порт"] * 3


def parse_and_send_title(pipe: Connection) -> None:
    pipe.send(parse_feed_isolated(FEED, url=URL).title)


def test_a_daemonic_process_like_a_celery_worker_may_parse() -> None:
    receiver, sender = multiprocessing.Pipe()
    worker = multiprocessing.get_context("fork").Process(
        target=parse_and_send_title, args=(sender,), daemon=True
    )
    worker.start()
    assert receiver.poll(20)
    assert receiver.recv() == "Порт"
    worker.join()


def test_a_document_that_breaks_a_parser_does_not_look_like_one_that_is_too_large() -> None:
    """A request without its URL stands for any error that the child does not expect."""
    with pytest.raises(InvalidInputError, match="this cannot be read: KeyError") as raised:
        run_isolated("digest.sources.parser_child", FEED, {"content_type": None})
    assert "memory" not in str(raised.value)
    assert parse_feed_isolated(FEED, url=URL).title == "Порт"  # the child goes on


def test_the_language_is_detected_by_who_asks_and_not_by_each_child() -> None:
    sentence = (
        "The ferry between the two banks of the river runs again after a storm that closed it for days."
    )
    body = FEED.replace("Зерно".encode(), sentence.encode())
    reply = run_isolated("digest.sources.parser_child", body, {"url": URL, "content_type": None})
    assert json.loads(reply)["language"] == ""
    assert parse_feed_isolated(body, url=URL).language == "en"
