"""An edition's mails keep the look that counted when it was frozen or planned, so that what was previewed is sent."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from digest.database import Database
from digest.deliveries.planning import freezing, manual_editions
from digest.deliveries.planning.edition_planner import open_reviews, plan_due
from digest.deliveries.planning.first_digests import plan_first_digests
from digest.deliveries.planning.planner import Planner
from digest.deliveries.previews.digest_preview import preview_digest
from digest.deliveries.previews.draft_preview import preview_for_subscriber
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.letter_sender import send_letters
from digest.deliveries.sending.sending_context import SendingContext
from digest.editions.models import Edition
from digest.look.pure.look import ALL_LANGUAGES, Words
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.test_edition_planner import new_planner
from tests.editions.sample_digest import parse_message
from tests.fake_relay import FakeRelay

# The statements are of the kinds that other tests try on both databases.
pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def save_look(db: Database, context: SendingContext, name: str, colour: str = "", **words: Words) -> None:
    by_language = {ALL_LANGUAGES: Words(name=name, postal_address="1 Test Street"), **words}
    context.looks.save(
        db,
        lambda look: replace(look, words=by_language, colour=colour),
        author="ann@example.org",
        now=context.clock(),
    )


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    text: str = part.get_content()
    return text


def frozen_edition(db: Database, world: World, planner: Planner) -> int:
    edition_id = manual_editions.create(db, Audience("everyone"), note="", now=world.clock(), draft=True)
    freezing.freeze(db, edition_id, world.clock())
    freezing.write_digests(db, planner, edition_id, world.clock())
    return edition_id


def test_a_frozen_edition_is_sent_in_the_look_in_which_it_was_previewed(
    db: Database, world: World, planner: Planner, sending_context: SendingContext, relay: FakeRelay
) -> None:
    subscriber = world.subscriber()
    world.article()
    save_look(db, sending_context, "Silk Road", "#8b0050")
    edition_id = frozen_edition(db, world, planner)
    _, previewed = preview_for_subscriber(
        db, sending_context, planner, edition_id, subscriber.id, now=world.clock()
    )
    save_look(db, sending_context, "Another Name", "#1a4d8f")
    stored = preview_digest(db, sending_context, 1)
    _, after = preview_for_subscriber(
        db, sending_context, planner, edition_id, subscriber.id, now=world.clock()
    )
    assert previewed is not None
    assert after is not None
    assert stored is not None
    assert previewed.html == after.html
    assert previewed.message == after.message
    assert stored.html.count("#8b0050") == previewed.html.count("#8b0050") > 2
    freezing.release(db, edition_id, world.clock())
    manual_editions.plan(db, planner, edition_id, world.clock())
    send_due(db, sending_context)
    sent = parse_message(relay.relayed[0].message)
    assert sent["From"].addresses[0].display_name == "Silk Road"
    assert str(sent["List-Id"]).startswith("Silk Road")
    assert "Silk Road" in html_of(sent)
    assert html_of(sent).count("#8b0050") == previewed.html.count("#8b0050")
    assert "Another Name" not in html_of(sent)


def test_a_draft_shows_the_look_of_now_and_takes_it_when_it_is_frozen_again(
    db: Database, world: World, planner: Planner, sending_context: SendingContext
) -> None:
    subscriber = world.subscriber()
    world.article()
    save_look(db, sending_context, "Silk Road")
    edition_id = frozen_edition(db, world, planner)
    save_look(db, sending_context, "Another Name")
    freezing.thaw(db, edition_id)

    def shown() -> str:
        _, preview = preview_for_subscriber(
            db, sending_context, planner, edition_id, subscriber.id, now=world.clock()
        )
        assert preview
        return preview.html

    assert "Another Name" in shown()
    freezing.freeze(db, edition_id, world.clock())
    freezing.write_digests(db, planner, edition_id, world.clock())
    save_look(db, sending_context, "A Third Name")
    assert "Another Name" in shown()


def test_a_reviewed_edition_takes_its_look_when_it_is_planned(
    world: World, planner: Planner, sending_context: SendingContext, clock: StoppedClock, relay: FakeRelay
) -> None:
    db = world.db
    world.subscriber()
    world.article()
    save_look(db, sending_context, "Silk Road")
    clock.advance(minutes=-20)
    open_reviews(db, clock())
    save_look(db, sending_context, "Another Name")
    clock.advance(minutes=20)
    plan_due(db, planner, clock())
    save_look(db, sending_context, "A Third Name")
    send_due(db, sending_context)
    assert [str(parse_message(one.message)["From"]) for one in relay.relayed] == [
        "Another Name <digest@example.org>"
    ]
    with db.read() as tx:
        assert tx.scalars(select(Edition.look)).all() == [2]


def test_all_mails_of_a_batch_have_the_words_of_their_language(
    db: Database, world: World, planner: Planner, sending_context: SendingContext, relay: FakeRelay
) -> None:
    world.subscriber("ann@example.com", language="en")
    world.subscriber("fa@example.com", language="fa")
    world.article()
    persian = Words(name="جادهٔ ابریشم", reply_to="Desk <fa@example.org>", footer="*ما*", tagline="دو دریا")
    save_look(db, sending_context, "Silk Road", fa=persian)
    plan_due(db, planner, world.clock())
    send_due(db, sending_context)
    mails = {one.recipient: parse_message(one.message) for one in relay.relayed}
    english, other = mails["ann@example.com"], mails["fa@example.com"]
    assert english["Reply-To"] is None
    assert str(other["Reply-To"]) == "Desk <fa@example.org>"
    assert other["From"].addresses[0].display_name == "جادهٔ ابریشم"
    assert "<em>ما</em>" in html_of(other)
    assert "دو دریا" in html_of(other)
    assert "Just answer this mail" not in html_of(english)


def test_the_welcome_of_a_first_digest_is_in_the_language_of_its_reader(
    db: Database, world: World, tree: object, sending_context: SendingContext, relay: FakeRelay
) -> None:
    day = world.clock()
    due: dict[str, Any] = {
        "confirmed_at": day,
        "first_digest_since": day,
        "next_due_at": day + timedelta(hours=9),
    }
    world.subscriber("de@example.com", language="de", **due)
    world.subscriber("en@example.com", language="en", **due)
    world.article()
    save_look(db, sending_context, "Silk Road", de=Words(welcome="Guten Tag"))
    planner = new_planner(tree)  # type: ignore[arg-type]
    assert plan_first_digests(db, planner, world.clock(), note="").deliveries == 2
    save_look(db, sending_context, "Silk Road", de=Words(welcome="Grüezi"))
    send_due(db, sending_context)
    mails = {one.recipient: html_of(parse_message(one.message)) for one in relay.relayed}
    assert "Guten Tag" in mails["de@example.com"]
    assert "Guten Tag" not in mails["en@example.com"]


def test_a_letter_has_the_look_of_now(
    db: Database, world: World, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    def new_letter() -> Subscriber:
        subscriber = world.subscriber(language="en", state="pending", confirmed_at=None)
        world.confirmation_letter(subscriber)
        return subscriber

    save_look(db, sending_context, "Silk Road", "#8b0050")
    new_letter()
    send_letters(db, sending_context)
    letter = parse_message(relay.relayed[0].message)
    assert letter["From"].addresses[0].display_name == "Silk Road"
    assert "Silk Road" in str(letter["Subject"])
    assert "background-color: #8b0050" in html_of(letter)
