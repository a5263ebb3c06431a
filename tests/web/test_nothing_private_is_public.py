"""A walk over all public pages and feeds: no address, no token, no number of subscribers."""

import re
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient

from digest.deliveries.planning import edition_planner
from digest.subscribers.pure.links import TOKEN
from tests.builders import World
from tests.web.subscribers import all_subscriber_rows, get_parts

READERS = 37  # a number that stands on no page by itself
LINK = re.compile(r'(?:href|src|action)="(?:https://news\.example\.org)?(/[^"#]*)"')
MAX_PAGES = 80  # the pages of all regions are alike
STARTS = (
    "/",
    "/?lang=fa",
    "/regions",
    "/link",
    "/sent",
    "/sitemap.xml",
    "/robots.txt",
    "/embed",
    "/digest-today/count?regions=kz",
)


def walk(client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Public pages with their text, as far as links lead."""
    waiting, seen = list(STARTS), set(STARTS)
    while waiting and len(seen) < MAX_PAGES * 20:
        path = waiting.pop(0)
        answer = client.get(path)
        if answer.content_type.startswith(("text/", "application/")):
            yield path, answer.text
            links = [link.replace("&amp;", "&") for link in LINK.findall(answer.text)]
            new = [
                link for link in links if link not in seen and "lang=" not in link and "/static/" not in link
            ]
            new = new[:40]
            seen |= set(new)
            waiting += new
        if len(seen) > MAX_PAGES and not waiting:
            return


def is_private(value: str) -> bool:
    """Whether a stored text is an address or a random id."""
    is_random = re.fullmatch(r"[\w-]{12,}", value) and re.search("[A-Z]", value) and re.search("[a-z]", value)
    return "@" in value or bool(is_random)


def test_no_public_page_says_who_reads_or_how_many(app: Flask, world: World) -> None:
    for _ in range(READERS):
        world.subscriber(regions=["kz"])
    for _ in range(3):
        world.article(age=5)
    p = get_parts(app)
    edition_planner.plan_due(p.db, p.planner(), world.clock())
    values = {value for row in all_subscriber_rows(app) for value in row if isinstance(value, str)}
    private = {value for value in values if is_private(value)}
    assert len(private) >= 2 * READERS
    visited = 0
    for path, text in walk(app.test_client()):
        visited += 1
        assert not [value for value in private if value in text], path
        assert not TOKEN.search(text.replace("/static/", "")), path
        assert "@example.com" not in text, path
        words = re.sub(r"<[^>]*>", " ", text) if "<" in text else text
        assert not re.search(rf"(?<![\w.:/-]){READERS}(?![\w.:/-])", words), path
        if visited >= MAX_PAGES:
            break
    assert visited >= 40
