"""Joining, leaving and being forgotten, on both databases; and the letters that are owed meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import func, select

from digest.database import Base, Database
from digest.deliveries.sending.delivery_sender import Post, send_letters
from digest.deliveries.sending.letter_queue import LEASE
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.mail.pure.outcomes import Deferred, InDoubt, Refused
from digest.subscribers import lifecycle
from digest.subscribers.lifecycle import Asked
from digest.subscribers.models import Consent, Letter, Preferences, Subscriber
from digest.subscribers.pure.email_address import read_address
from digest.subscribers.pure.subscription import Wishes
from digest.subscribers.store import letters as letter_store
from digest.subscribers.store import subscribers as store
from tests.builders import World
from tests.conftest import NOON, StoppedClock
from tests.fake_relay import FakeRelay

SECRET = "secret"
ANN = "ann@example.com"


def join(
    db: Database, now: datetime = NOON, email: str = ANN, regions: tuple[str, ...] = ("ge",)
) -> int | None:
    asked = Asked(read_address(email), Wishes(regions), "192.0.2.1", "Yes, send it")
    return lifecycle.join(db, asked, secret=SECRET, now=now)


def reader(db: Database, email: str = ANN) -> Subscriber | None:
    with db.read() as tx:
        return store.by_address(tx, read_address(email))


def known(db: Database, email: str = ANN) -> Subscriber:
    found = reader(db, email)
    assert found is not None
    return found


def confirm(db: Database, now: datetime = NOON) -> None:
    lifecycle.confirm(db, letters(db)[-1].public_id, origin="192.0.2.1", wording="Yes", now=now)


def count(db: Database, table: type[Base]) -> int:
    with db.read() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def letters(db: Database) -> list[Letter]:
    with db.read() as tx:
        return list(tx.scalars(select(Letter).order_by(Letter.id)))


def test_who_joins_is_pending_until_they_confirm_and_each_step_is_kept(db: Database) -> None:
    assert join(db)
    assert known(db).state == "pending"
    confirm(db)
    assert known(db).state == "active"
    with db.read() as tx:
        assert [consent.action for consent in store.consents(tx, known(db))] == ["asked", "confirmed"]


def test_confirming_twice_changes_nothing(db: Database) -> None:
    join(db)
    confirm(db)
    confirm(db, NOON + timedelta(days=1))
    assert known(db).confirmed_at == NOON
    assert count(db, Consent) == 2


def test_one_address_is_one_reader_however_it_is_written(db: Database) -> None:
    join(db)
    join(db, email="ANN@Example.COM")
    assert count(db, Subscriber) == 1


def test_four_clicks_at_once_make_one_reader(db: Database, two: ThreadPoolExecutor) -> None:
    list(two.map(lambda _: join(db), range(4)))
    assert count(db, Subscriber) == 1
    assert count(db, Letter) <= lifecycle.LETTERS_A_DAY


def test_a_stranger_who_types_a_readers_address_changes_nothing_of_theirs(db: Database) -> None:
    join(db)
    confirm(db)
    before = known(db)
    join(db, regions=("fr",))
    after = known(db)
    assert (after.preferences_key, after.state, after.next_due_at) == (
        before.preferences_key,
        "active",
        before.next_due_at,
    )
    assert [letter.kind for letter in letters(db)] == ["confirm", "link"]


def test_an_address_gets_four_letters_a_day_and_again_the_next(db: Database) -> None:
    given = [join(db, NOON + timedelta(minutes=n)) for n in range(7)]
    assert [bool(letter) for letter in given] == [True] * 4 + [False] * 3
    assert lifecycle.ask_for_link(db, read_address(ANN), NOON + timedelta(hours=1)) is None
    assert join(db, NOON + timedelta(days=1, minutes=1))


def test_tags_behind_a_plus_are_one_inbox_and_get_four_letters_together(db: Database) -> None:
    given = [join(db, email=f"ann+{n}@example.com") for n in range(6)]
    assert [bool(letter) for letter in given] == [True] * 4 + [False] * 2
    for other in ("ann+9@example.net", "anna+9@example.com", "a%+9@example.com", ANN):
        assert join(db, email=other), other


def test_who_left_and_comes_back_must_confirm_again(db: Database) -> None:
    join(db)
    confirm(db)
    lifecycle.leave(db, known(db).public_id, NOON)
    assert join(db, NOON + timedelta(days=3), regions=("fr",))
    assert (known(db).state, known(db).preferences.regions) == ("unsubscribed", ["ge"])
    assert letters(db)[-1].kind == "confirm"
    confirm(db, NOON + timedelta(days=3))
    assert known(db).preferences.regions == ["fr"]
    assert known(db).state == "active"
    assert known(db).last_cutoff == NOON + timedelta(days=2)


def test_an_old_link_to_confirm_brings_nobody_back(db: Database) -> None:
    join(db)
    confirm(db)
    lifecycle.leave(db, known(db).public_id, NOON)
    with pytest.raises(ConflictError, match="subscribe again"):
        confirm(db)
    assert known(db).state == "unsubscribed"


def test_leaving_twice_is_leaving_once(db: Database) -> None:
    join(db)
    assert lifecycle.leave(db, known(db).public_id, NOON) is not None
    assert lifecycle.leave(db, known(db).public_id, NOON) is None


def test_erasing_leaves_nothing_but_a_hash_and_no_letter_ever_again(db: Database) -> None:
    join(db)
    confirm(db)
    public_id = known(db).public_id
    lifecycle.erase(db, public_id, secret=SECRET, now=NOON)
    assert reader(db) is None
    assert count(db, Letter) == count(db, Consent) == count(db, Subscriber) == 0
    assert join(db, NOON + timedelta(days=99)) is None
    assert reader(db) is None
    assert lifecycle.ask_for_link(db, read_address(ANN), NOON) is None
    with pytest.raises(NotFoundError):
        lifecycle.erase(db, public_id, secret=SECRET, now=NOON)


def test_unconfirmed_requests_are_forgotten_after_two_weeks(db: Database) -> None:
    join(db)
    join(db, email="bob@example.com")
    lifecycle.confirm(db, letters(db)[0].public_id, origin="", wording="", now=NOON)
    assert lifecycle.forget_unconfirmed(db, NOON + timedelta(days=13)) == 0
    assert lifecycle.forget_unconfirmed(db, NOON + timedelta(days=15)) == 1
    assert reader(db, "bob@example.com") is None
    assert known(db).state == "active"


def test_a_reader_who_came_back_and_did_not_confirm_is_not_forgotten(db: Database) -> None:
    join(db)
    confirm(db)
    lifecycle.leave(db, known(db).public_id, NOON)
    join(db)
    assert lifecycle.forget_unconfirmed(db, NOON + timedelta(days=99)) == 0


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_pause_ends_within_a_year(db: Database, days: int) -> None:
    join(db)
    confirm(db)
    with pytest.raises(InvalidInputError):
        lifecycle.pause(db, known(db).public_id, NOON + timedelta(days=days), NOON)


def test_only_the_active_can_pause(db: Database) -> None:
    join(db)
    with pytest.raises(ConflictError, match="pending"):
        lifecycle.pause(db, known(db).public_id, NOON + timedelta(days=1), NOON)


def test_equal_preferences_share_a_row(db: Database) -> None:
    join(db)
    join(db, email="bob@example.com")
    join(db, email="cat@example.com", regions=("fr",))
    assert count(db, Preferences) == 2


def test_a_letter_goes_out_with_its_link_whole_in_both_parts(
    db: Database, post: Post, relay: FakeRelay
) -> None:
    for n in range(12):  # each token is another one, and a hyphen in it must not break its line
        join(db, email=f"reader{n}@example.com")
    assert send_letters(db, post) == 12
    for handed in relay.handed:
        message = message_from_bytes(handed.message, policy=policy.default)
        owed = {letter.subscriber_id: letter.public_id for letter in letters(db)}
        url = post.links.url("confirm", owed[known(db, handed.recipient).id], NOON)
        for kind in ("plain", "html"):
            part = message.get_body((kind,))
            assert part is not None
            assert url in part.get_content()
        assert message["To"] == handed.recipient
        assert message["Auto-Submitted"] == "auto-generated"
    assert {letter.state for letter in letters(db)} == {"accepted"}


def test_a_letter_is_sent_once(db: Database, post: Post, relay: FakeRelay, clock: StoppedClock) -> None:
    join(db)
    send_letters(db, post)
    clock.forward(hours=1)
    assert send_letters(db, post) == 0
    assert len(relay.handed) == 1


def test_no_more_letters_are_claimed_than_fit_a_lease(db: Database) -> None:
    for n in range(9):
        join(db, email=f"reader{n}@example.com")
    with db.begin() as tx:
        assert len(letter_store.claim(tx, NOON, lease=LEASE, limit=4)) == 4
        assert len(letter_store.claim(tx, NOON, lease=LEASE, limit=4)) == 4
        assert len(letter_store.claim(tx, NOON, lease=LEASE, limit=4)) == 1


def test_while_the_relay_is_down_letters_wait_and_no_attempt_is_counted(
    db: Database, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    join(db)
    join(db, email="bob@example.com")
    relay.down = True
    for _ in range(30):
        send_letters(db, post)
        clock.forward(hours=1)
    assert [(letter.state, letter.attempts) for letter in letters(db)] == [("planned", 0)] * 2
    relay.down = False
    send_letters(db, post)
    assert [letter.state for letter in letters(db)] == ["accepted"] * 2


def test_letters_are_deferred_refused_and_in_doubt_like_deliveries(
    db: Database, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    for name in ("defer", "refuse", "doubt"):
        join(db, email=f"{name}@example.com")
    relay.answers = {
        "defer@example.com": [Deferred("451")],
        "refuse@example.com": [Refused("550")],
        "doubt@example.com": [InDoubt("gone"), InDoubt("gone")],
    }
    for _ in range(4):
        send_letters(db, post)
        clock.forward(hours=1)
    assert [letter.state for letter in letters(db)] == ["accepted", "refused", "in_doubt"]
    assert len(relay.to("doubt@example.com")) == 2


def test_a_late_answer_of_a_lost_claim_of_a_letter_changes_nothing(db: Database) -> None:
    join(db)
    with db.begin() as tx:
        ((first, _),) = letter_store.claim(tx, NOON, lease=LEASE, limit=9)
    later = NOON + LEASE
    with db.begin() as tx:
        ((second, _),) = letter_store.claim(tx, later, lease=LEASE, limit=9)
        letter_store.answered(
            tx, second, letter_store.LetterAnswer("accepted", "250", later, second.attempts)
        )
    with db.begin() as tx:
        letter_store.answered(tx, first, letter_store.LetterAnswer("planned", "451", later, first.attempts))
    assert letters(db)[0].state == "accepted"


def test_a_reader_is_found_by_a_part_of_their_address_and_percent_is_only_a_sign(
    db: Database, world: World
) -> None:
    world.reader("ann_b@example.com")
    world.reader("annxb@example.com")
    with db.read() as tx:
        assert [found.email for found in store.search(tx, "ANN_B", "")[0]] == ["ann_b@example.com"]
        assert store.search(tx, "%", "")[1] == 0


def test_a_strangers_request_changes_nothing_of_a_pending_one(db: Database) -> None:
    join(db, regions=("ge",))
    join(db, NOON + timedelta(hours=1), regions=("ru", "by"))  # somebody else typed the address
    lifecycle.confirm(db, letters(db)[0].public_id, origin="", wording="", now=NOON + timedelta(hours=2))
    assert known(db).preferences.regions == ["ge"]
