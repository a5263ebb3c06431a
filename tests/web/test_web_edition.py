"""The web edition of a digest: the way to the digests around it, and to share it."""

from collections.abc import Sequence
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from lxml import html as markup
from sqlalchemy import select, update

from digest.database import Database
from digest.deliveries.planning.edition_planner import plan_due
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionKind, EditionState
from digest.errors import NotFoundError
from digest.parts import Parts
from tests.builders import World
from tests.conftest import StoppedClock


def three_days(parts: Parts, clock: StoppedClock) -> Sequence[str]:
    """The public ids of the digests that a reader got on three days."""
    world = World(parts.db, parts.tree, clock)
    world.subscriber()
    for _ in range(3):
        world.article()
        assert plan_due(parts.db, parts.planner(), clock()).deliveries == 1
        clock.advance(hours=24)
    with parts.db.read() as tx:
        return tx.scalars(select(Digest.public_id).order_by(Digest.id)).all()


def set_edition(db: Database, number: int, **values: object) -> None:
    with db.begin() as tx:
        tx.execute(update(Edition).where(Edition.id == number).values(**values))


def around(client: FlaskClient, public_id: str) -> tuple[str, str]:
    """The addresses of the links to the previous and the next digest."""
    page = markup.document_fromstring(client.get(f"/read/{public_id}").text)
    return page.xpath("string(//a[@rel='prev']/@href)"), page.xpath("string(//a[@rel='next']/@href)")


def test_a_digest_links_to_those_before_and_after_it(app: Flask, parts: Parts, clock: StoppedClock) -> None:
    first, second, third = three_days(parts, clock)
    client = app.test_client()
    assert around(client, second) == (f"/read/{first}", f"/read/{third}")
    assert around(client, third) == (f"/read/{second}", "")
    assert "No earlier digest is kept." in client.get(f"/read/{first}").text
    assert client.get(f"/read/{second}/previous").location == f"/read/{first}"
    assert client.get(f"/read/{first}/previous").location == f"/read/{first}#around"
    assert client.get("/read/unknown/previous").status_code == 404


def test_what_has_not_gone_out_or_went_to_a_chosen_audience_is_not_linked(
    app: Flask, parts: Parts, clock: StoppedClock
) -> None:
    first, second, third = three_days(parts, clock)
    client = app.test_client()
    set_edition(parts.db, 1, kind=EditionKind.MANUAL)
    set_edition(parts.db, 3, state=EditionState.REVIEW)
    page = client.get(f"/read/{second}").text
    assert first not in page
    assert third not in page


def test_a_digest_is_shared_by_the_address_that_belongs_to_nobody(
    app: Flask, parts: Parts, clock: StoppedClock
) -> None:
    public_id = three_days(parts, clock)[1]
    page = app.test_client().get(f"/read/{public_id}").text
    links = [part.partition('"')[0] for part in page.split('href="')]
    shares = [link for link in links if link.startswith(("mailto:", "https://t.me/", "https://wa.me/"))]
    assert len(shares) == 3
    assert all(f"/read/{public_id}" in link.replace("%2F", "/") for link in shares)


def test_a_digest_is_rendered_once_a_minute_and_no_cache_of_others_keeps_it(
    app: Flask, parts: Parts, clock: StoppedClock
) -> None:
    public_id = three_days(parts, clock)[1]
    client = app.test_client()
    first = client.get(f"/read/{public_id}", headers={"Accept-Encoding": "br"})
    with patch("digest.web.web_edition._page", side_effect=AssertionError("rendered again")):
        again = client.get(f"/read/{public_id}", headers={"Accept-Encoding": "br"})
    assert (again.data, again.headers["Content-Encoding"]) == (first.data, "br")
    for answer in (first, again):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "script-src" not in answer.headers["Content-Security-Policy"]
    clock.advance(seconds=61)
    with patch("digest.web.web_edition._page", side_effect=NotFoundError("it is gone")):
        assert client.get(f"/read/{public_id}").status_code == 404
