"""Rows of preferences: subscribers with the same choices share one, in the same order only."""

from sqlalchemy import text

from digest.database import Database
from digest.subscribers import lifecycle
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import OptionalKind
from digest.subscribers.store import subscribers
from tests.builders import World

CHOSEN = ContentChoices((OptionalKind.SPORT,), ("en", "ru"), show_why=True)


def test_equal_choices_share_a_row_and_another_order_has_its_own(db: Database, world: World) -> None:
    first = world.subscriber(regions=["ge", "am"], content=CHOSEN)
    same = world.subscriber(regions=["ge", "am"], content=CHOSEN)
    turned = world.subscriber(regions=["am", "ge"], content=CHOSEN)
    assert first.preferences_key == same.preferences_key != turned.preferences_key
    with db.read() as tx:
        rows = subscribers.preferences_by_key(tx, [first.preferences_key, turned.preferences_key])
    assert {tuple(row.regions) for row in rows.values()} == {("ge", "am"), ("am", "ge")}
    assert all(row.content == CHOSEN for row in rows.values())


def test_a_choice_of_no_kinds_is_not_the_default(db: Database, world: World) -> None:
    keys = {world.subscriber(content=ContentChoices(kinds=kinds)).preferences_key for kinds in (None, ())}
    assert len(keys) == 2
    with db.read() as tx:
        rows = subscribers.preferences_by_key(tx, sorted(keys)).values()
    assert {row.content.kinds for row in rows} == {None, ()}


def test_the_defaults_are_stored_as_rows_from_before_there_were_choices(db: Database, world: World) -> None:
    subscriber = world.subscriber()
    with db.read() as tx:
        assert list(tx.scalars(text("select content from preferences"))) == [None]
        assert subscribers.by_id(tx, subscriber.id).preferences.content == DEFAULT_CONTENT


def test_confirming_applies_the_choices_of_the_letter(db: Database, world: World) -> None:
    subscriber = world.subscriber(regions=["ge", "am"], content=CHOSEN, state="pending")
    letter_id = world.confirmation_letter(subscriber)
    confirmed = lifecycle.confirm(
        db, letter_id, origin="192.0.2.1", wording="Yes", secret="not needed", now=world.clock()
    )
    expected = Subscription(("ge", "am"), content=CHOSEN)
    assert subscribers.subscription_of(confirmed).preferences_key == expected.preferences_key
