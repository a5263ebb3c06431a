"""When a sender is dead, when refusals stop an edition, which addresses are read: each limit on both sides."""

from datetime import timedelta

import pytest

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.oversight.circuit_breaker import failure_reason
from digest.deliveries.pure import return_paths
from digest.deliveries.pure.audience import Audience
from digest.deliveries.pure.leases import Liveness, SlotObserver
from digest.deliveries.pure.refusal_rules import RefusalCounts, is_believed, stop_reason
from digest.deliveries.pure.retry import AttemptHistory, DeliveryDecision, decide_next_state
from digest.deliveries.pure.return_paths import AddressKind, find_tokens
from digest.deliveries.pure.totals import compute_totals, format_totals
from digest.deliveries.states import DeliveryState, RefusalKind
from digest.deliveries.store.received import digests_of
from digest.editions.states import EditionKind
from digest.editions.store import editions
from digest.editions.store.editions import DigestKey, DigestRow
from digest.mail.pure.outcomes import Deferred, InDoubt, Outcome
from tests.builders import World
from tests.conftest import NOON

SECRET = "a secret of thirty-two characters"


def look(observer: SlotObserver, *looks: tuple[str, int, float]) -> list[Liveness]:
    return [observer.observe(1, holder, renewals, now) for holder, renewals, now in looks]


def test_a_sender_lives_for_two_renewals_after_one_was_seen() -> None:
    seen = look(SlotObserver(), ("a", 1, 0.0), ("a", 2, 3.0), ("a", 2, 8.9), ("a", 2, 9.0), ("b", 2, 9.1))
    assert [each.name for each in seen] == ["UNKNOWN", "ALIVE", "ALIVE", "UNKNOWN", "UNKNOWN"]


def test_a_sender_that_is_watched_for_a_lease_without_renewal_is_dead() -> None:
    observer = SlotObserver()
    seen = look(observer, *(("a", 1, 2.5 * number) for number in range(7)))
    assert [each.name for each in seen] == ["UNKNOWN"] * 6 + ["DEAD"]
    assert look(observer, ("a", 2, 16.0)) == [Liveness.ALIVE]


def test_a_long_gap_counts_as_three_seconds() -> None:
    seen = look(SlotObserver(), *(("a", 1, 1000.0 * number) for number in range(6)))
    assert [each.name for each in seen] == ["UNKNOWN"] * 5 + ["DEAD"]


def test_each_slot_is_watched_for_itself() -> None:
    observer = SlotObserver()
    observer.observe(1, "a", 1, 0.0)
    assert observer.observe(2, "a", 2, 1.0) == Liveness.UNKNOWN


def test_few_refusals_are_believed() -> None:
    assert is_believed(9, 10)
    assert not is_believed(10, 10)
    assert is_believed(49, 1000)
    assert not is_believed(50, 1000)


@pytest.mark.parametrize(
    ("answered", "unknown", "faults", "reason"),
    [
        (199, 100, 0, ""),
        (200, 9, 0, ""),
        (
            200,
            10,
            0,
            "10 of 200 mails were refused because their addresses are unknown (5.0%; less than 5% should be)",
        ),
        (10, 0, 2, ""),
        (10, 0, 3, "3 of 10 mails were refused for a reason that is not the reader's but ours: 550 no"),
        (600, 0, 3, "3 of 600 mails were refused for a reason that is not the reader's but ours: 550 no"),
        (601, 0, 3, ""),
        (800, 0, 4, "4 of 800 mails were refused for a reason that is not the reader's but ours: 550 no"),
    ],
)
def test_when_refusals_stop_an_edition(answered: int, unknown: int, faults: int, reason: str) -> None:
    by_kind = {RefusalKind.UNKNOWN_RECIPIENT: unknown, RefusalKind.SENDER: faults}
    assert stop_reason(RefusalCounts(answered, by_kind), "550 no") == reason
    assert stop_reason(RefusalCounts(answered, {}), "550 no") == ""
    assert RefusalCounts(answered, {}).of(RefusalKind.SENDER) == 0


@pytest.mark.parametrize(
    ("accepted", "refused", "complaints", "reason"),
    [
        (180, 20, 0, "20 of 200 mails were refused (10.0%; at most 5% may be)"),
        (179, 20, 0, ""),
        (181, 19, 0, ""),
        (380, 20, 0, ""),  # just 5 %
        (0, 0, 3, "3 complaints about 0 mails (300.00%; at most 0.3% may be)"),
        (0, 0, 2, ""),
        (999, 0, 3, "3 complaints about 999 mails (0.30%; at most 0.3% may be)"),
        (1000, 0, 3, ""),
    ],
)
def test_when_an_edition_fails(accepted: int, refused: int, complaints: int, reason: str) -> None:
    counts = {DeliveryState.ACCEPTED: accepted, DeliveryState.REFUSED: refused}
    assert failure_reason(counts, complaints) == reason


def test_twenty_addresses_of_a_text_are_looked_at_and_one_that_is_repeated_is_one() -> None:
    local_parts = [return_paths.delivery_local_part(SECRET, number, NOON) for number in range(1, 26)]
    text = " ".join([*local_parts[:2], *local_parts])
    assert [token.row_id for token in find_tokens(SECRET, text)] == list(range(1, 21))


def test_a_number_that_no_row_has_and_a_name_that_is_none_are_skipped() -> None:
    for local in (
        return_paths.delivery_local_part(SECRET, 2**63, NOON),
        return_paths._signed(SECRET, "u-aaa"),
        return_paths._signed(SECRET, "u-7777777777777777"),
    ):
        assert list(find_tokens(SECRET, local)) == []
    (token,) = find_tokens(SECRET, return_paths.letter_local_part(SECRET, 0, NOON))
    assert (token.kind, token.row_id, token.timestamp) == (AddressKind.LETTER, 0, int(NOON.timestamp()))
    assert len(return_paths.subscriber_local_part(SECRET, "x").rpartition("-")[2]) == 20


def test_totals_name_what_there_is() -> None:
    assert format_totals(compute_totals({})) == "0 due = 0 accepted"
    counts = {DeliveryState.PLANNED: 1000, DeliveryState.IN_DOUBT: 1}
    assert format_totals(compute_totals(counts)) == "1,001 due = 0 accepted + 1 in doubt + 1,000 open"


def test_an_audience_is_stored_and_what_is_missing_was_stored_before() -> None:
    audience = Audience("address", ("kz",), "ann@example.org", "ru", 60)
    assert Audience.from_json(audience.as_json()) == audience
    assert Audience.from_json({"kind": "due"}) == Audience("due", (), "", "en", 24 * 60)


def test_the_digests_of_a_subscriber_are_newest_first_and_their_own(db: Database, world: World) -> None:
    ann, bob = world.subscriber(), world.subscriber()
    for number, (subscriber, state) in enumerate(
        ((ann, "accepted"), (bob, "accepted"), (ann, "skipped"), (ann, "accepted"), (ann, "refused"))
    ):
        cutoff = NOON + timedelta(days=number)
        with db.begin() as tx:
            edition = editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=cutoff, cutoff=cutoff)
            row = DigestRow(subscriber.preferences_key, NOON, f"Day {number}", (), "hash")
            editions.save_digests(tx, edition.id, [row])
            key = DigestKey(subscriber.preferences_key, NOON, "")
            tx.add(
                Delivery(
                    edition_id=edition.id, digest_id=editions.digest_ids(tx, edition.id, [key])[key],
                    subscriber_id=subscriber.id, state=DeliveryState(state), planned_at=cutoff, not_before=cutoff,
                )
            )  # fmt: skip
    with db.read() as tx:
        assert [each.subject for each in digests_of(tx, ann.id, limit=9)] == [
            "Day 4",
            "Day 3",
            "Day 2",
            "Day 0",
        ]
        assert [each.subject for each in digests_of(tx, ann.id, limit=2)] == ["Day 4", "Day 3"]
        accepted = digests_of(tx, ann.id, limit=9, states=[DeliveryState.ACCEPTED])
        assert [(each.cutoff - NOON).days for each in accepted] == [3, 0]


def test_a_delivery_is_tried_while_the_next_attempt_is_within_twenty_hours_and_a_doubt_is_remembered() -> (
    None
):
    def decide(outcome: Outcome, age: timedelta, *, in_doubt: bool = False) -> DeliveryDecision:
        return decide_next_state(outcome, AttemptHistory(1, in_doubt, NOON - age), NOON, jitter=0)

    latest = timedelta(hours=20) - timedelta(minutes=5)
    assert decide(Deferred("451"), latest).state == DeliveryState.PLANNED
    assert decide(Deferred("451"), latest + timedelta(seconds=1)).state == DeliveryState.EXPIRED
    twice = decide(InDoubt("reset"), latest, in_doubt=True)
    assert (twice.state, twice.in_doubt, twice.final) == (DeliveryState.IN_DOUBT, True, True)
