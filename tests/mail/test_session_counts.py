"""What a connection counts, and what becomes of a message by the answer to its final dot."""

import pytest

from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Outcome, Refused
from digest.mail.pure.pacing import ServerHealth
from digest.mail.pure.replies import Reply
from digest.mail.pure.session import Mail, ServerExtensions, SmtpSession
from digest.mail.pure.slotted_text import Block, Slot, SlotMarkers, SlottedText
from digest.mail.pure.text_wrapping import wrap_text


def mail(key: int) -> Mail:
    return Mail(key, "d@example.org", f"a{key}@example.com", b"Subject: x\r\n\r\nbody\r\n")


def new_session(most: int = 9) -> SmtpSession:
    return SmtpSession(ServerExtensions(pipelining=True), max_messages=most)


def answer(session: SmtpSession, *codes: int) -> None:
    for code in codes:
        session.handle_reply(Reply(code, ("said",)))


def with_body(most: int = 9, code: int = 250) -> SmtpSession:
    """A session whose first message was sent, and not answered yet; `code` is the answer to its envelope."""
    session = new_session(most)
    session.send_envelope(mail(1))
    answer(session, code, code, 354)
    session.send_body()
    return session


def test_octets_are_counted_after_the_last_final_dot() -> None:
    session = new_session()
    assert session.octets_after_dot == 0
    session.send_envelope(mail(1))
    assert session.octets_after_dot == sum(map(len, session.outgoing))
    answer(session, 250, 250, 354)
    session.send_body()
    assert session.octets_after_dot == 0
    assert session.outgoing[-1] == b".\r\n"


def test_a_connection_carries_as_many_messages_as_it_may() -> None:
    session = with_body(most=2)
    assert session.can_start_next
    assert not session.is_exhausted
    session.send_envelope(mail(2))
    assert not session.can_start_next
    answer(session, 250, 250, 250, 354)
    session.send_body()
    assert not session.is_exhausted
    answer(session, 250)
    assert (session.started_count, session.answered_count) == (2, 2)
    assert (session.is_exhausted, session.can_start_next, session.idle) == (True, False, True)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (250, Accepted),
        (200, Accepted),
        (451, Deferred),
        (550, Refused),
        (354, InDoubt),
        (199, InDoubt),
        (600, InDoubt),
    ],
)
def test_the_answer_to_the_final_dot_decides(code: int, outcome: type[Outcome]) -> None:
    session = with_body()
    answer(session, code)
    ((sent, found),) = session.outcomes
    assert (sent.key, type(found), session.answered_count) == (1, outcome, 1)


@pytest.mark.parametrize(
    ("code", "is_taken"), [(200, True), (299, True), (199, False), (300, False), (550, False)]
)
def test_an_envelope_is_taken_by_any_good_answer(code: int, is_taken: bool) -> None:
    session = new_session()
    session.send_envelope(mail(1))
    answer(session, code, 250, 354)
    assert session.can_send_body == is_taken
    assert len(session.outcomes) == (0 if is_taken else 1)


def test_a_server_that_closes_after_a_message_gives_the_next_one_back() -> None:
    session = with_body()
    session.send_envelope(mail(2))
    answer(session, 421)
    ((sent, outcome),) = session.outcomes
    assert (sent.key, type(outcome)) == (1, Deferred)
    assert [each.key for each in session.returned] == [2]
    assert (session.closed_by_server, session.idle) == (True, True)


@pytest.mark.parametrize(("dot_sent", "outcome"), [(True, InDoubt), (False, Deferred)])
def test_a_connection_that_breaks_leaves_nothing_pending(dot_sent: bool, outcome: type[Outcome]) -> None:
    session = with_body()
    session.send_envelope(mail(2))
    session.handle_disconnect("reset", final_dot_sent=dot_sent)
    ((sent, found),) = session.outcomes
    assert (sent.key, type(found)) == (1, outcome)
    assert [each.key for each in session.returned] == [2]
    assert (session.idle, session.is_exhausted) == (True, True)


def test_five_broken_connections_in_a_row_are_a_failure() -> None:
    health = ServerHealth(10, 100)
    for _ in range(4):
        health.record_broken_connection("reset", 0.0)
    assert health.is_usable(0.0)
    health.record_broken_connection("reset", 0.0)
    assert (health.is_usable(0.0), health.is_usable(1.0)) == (False, True)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("aaaa bbbbb cc", 10, ["aaaa bbbbb", "cc"]),
        ("aaaa bbbbbb cc", 10, ["aaaa", "bbbbbb cc"]),
        ("a b c d e f g", 5, ["a b c", "d e f", "g"]),
        ("日本語日本 ab", 10, ["日本語日本", "ab"]),
        ("ab 日本語 c", 10, ["ab 日本語", "c"]),
        (f"{'a' * 37} {'b' * 38} cc", 76, [f"{'a' * 37} {'b' * 38}", "cc"]),
    ],
)
def test_a_line_is_filled_to_its_last_column(text: str, width: int, lines: list[str]) -> None:
    assert wrap_text(text, width).split("\n") == lines


def test_a_line_has_76_columns() -> None:
    assert wrap_text(f"{'a' * 37} {'b' * 38} c").split("\n")[1:] == ["c"]
    assert wrap_text(f"{'a' * 37} {'b' * 37} c").split("\n")[1:] == ["c"]
    assert wrap_text(f"{'a' * 37} {'b' * 36} c").split("\n")[1:] == []


def test_values_are_put_in_their_places_in_order() -> None:
    text = SlottedText(("a ", Slot("x"), " b ", Slot("y"), " c"))
    filled = text.fill({"x": SlottedText(("1", Block("2"))), "y": "3"})
    assert filled.parts == ("a 1", "2", " b 3 c")
    assert text.fill({"y": "3"}).parts == ("a ", Slot("x"), " b 3 c")
    assert text.fill({}).render({"x": "1", "y": "2"}) == "a 1 b 2 c"
    assert SlottedText((Slot("x"),)).fill({"x": "1"}).parts == ("1",)
    blocks = text.in_blocks().parts
    assert [type(part) for part in blocks] == [Block, Slot, Block, Slot, Block]


def test_a_text_is_cut_at_its_markers_whatever_stands_at_its_ends() -> None:
    markers = SlotMarkers()
    url, name = markers.marker("web_url"), markers.marker("name")
    assert markers.parse(f"{url}a{name}").parts == (Slot("web_url"), "a", Slot("name"))
    assert markers.parse(f"{url}{name}b").parts == (Slot("web_url"), Slot("name"), "b")
    assert markers.parse("plain").parts == ("plain",)
    assert SlotMarkers().parse(f"a{url}").parts == (f"a{url}",)  # of another process
    assert url.isalnum()
