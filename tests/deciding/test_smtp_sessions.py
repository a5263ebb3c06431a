"""What is said over a connection: pipelining, what each answer means, and what a broken connection leaves."""

import pytest

from digest.mail.pure.dot_stuffing import unwired, wired
from digest.mail.pure.handshake import SECURE, Ready, TurnedAwayError, dialogue
from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Refused, of_reply
from digest.mail.pure.replies import LONGEST_LINE, Replies, Reply
from digest.mail.pure.servers import Server, read_smtp_url
from digest.mail.pure.session import Mail, Offers, Session, envelope_address

MESSAGE = b"Subject: x\r\n\r\nhello\r\n"
OK = Reply(250, ("2.0.0 ok",))
GO = Reply(354, ("go on",))


def mail(name: str) -> Mail:
    return Mail(name, "b@example.org", f"{name}@example.com", MESSAGE)


def said(session: Session) -> bytes:
    words = b"".join(session.out)
    session.out.clear()
    return words


def under_way(*, pipelining: bool = True) -> Session:
    """A session whose first message is out, to its final dot."""
    session = Session(Offers(pipelining=pipelining), most=10)
    session.begin(mail("ann"))
    for reply in (OK, OK, GO):
        session.heard(reply)
    session.send_body()
    said(session)
    return session


def test_with_pipelining_the_next_envelope_follows_the_body_at_once() -> None:
    session = Session(Offers(pipelining=True), most=10)
    session.begin(mail("ann"))
    assert said(session).count(b"\r\n") == 3
    for reply in (OK, OK, GO):
        session.heard(reply)
    session.send_body()
    session.begin(mail("bob"))
    assert (
        said(session) == MESSAGE + b".\r\nMAIL FROM:<b@example.org>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n"
    )


def test_no_body_goes_out_before_the_answer_to_the_last_one() -> None:
    session = under_way()
    session.begin(mail("bob"))
    assert not session.cleared
    for reply in (OK, OK, OK):
        session.heard(reply)
    assert not session.cleared
    session.heard(GO)
    assert session.cleared
    assert [outcome for _, outcome in session.done] == [Accepted("250 2.0.0 ok")]


def test_without_pipelining_one_command_is_said_at_a_time() -> None:
    session = Session(Offers(), most=10)
    session.begin(mail("ann"))
    assert said(session) == b"MAIL FROM:<b@example.org>\r\n"
    session.heard(OK)
    assert said(session) == b"RCPT TO:<ann@example.com>\r\n"
    session.heard(Reply(550, ("5.1.1 no such user",)))
    assert said(session) == b""
    assert [outcome for _, outcome in session.done] == [Refused("550 5.1.1 no such user")]
    session.begin(mail("bob"))
    assert said(session) == b"RSET\r\n"


def test_a_server_that_goes_on_without_recipients_gets_an_empty_message_and_nobody_gets_it() -> None:
    session = Session(Offers(pipelining=True), most=10)
    session.begin(mail("ann"))
    said(session)
    for reply in (OK, Reply(450, ("4.2.1 later",)), GO):
        session.heard(reply)
    assert said(session) == b".\r\n"
    session.heard(Reply(554, ("no recipients",)))
    assert session.done == [(session.done[0][0], Deferred("450 4.2.1 later"))]
    assert session.idle
    assert not session.closing


@pytest.mark.parametrize(("gone", "expected"), [(True, InDoubt), (False, Deferred)])
def test_a_connection_that_breaks_behind_the_dot_leaves_a_doubt_and_gives_the_next_back(
    gone: bool, expected: type
) -> None:
    session = under_way()
    session.begin(mail("bob"))
    session.broke("reset", dot_gone=gone)
    assert [type(outcome) for _, outcome in session.done] == [expected]
    assert [waiting.key for waiting in session.again] == ["bob"]


def test_421_before_the_body_is_about_the_connection_and_not_the_mail() -> None:
    session = Session(Offers(pipelining=True), most=10)
    session.begin(mail("ann"))
    session.heard(Reply(421, ("4.7.0 too many messages",)))
    assert session.done == []
    assert [waiting.key for waiting in session.again] == ["ann"]
    assert session.spent


def test_an_unasked_answer_ends_the_connection() -> None:
    session = Session(Offers(), most=10)
    session.heard(OK)
    assert session.closing


def test_a_message_larger_than_the_server_takes_is_not_offered() -> None:
    session = Session(Offers(size=10, declares_size=True), most=10)
    session.begin(mail("ann"))
    assert [type(outcome) for _, outcome in session.done] == [Refused]
    assert session.out == []


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (250, "2.0.0 ok", Accepted),
        (451, "4.7.1 greylisted", Deferred),
        (550, "5.1.1 no such user", Refused),
        (554, "something new", Refused),
        (550, "4.2.2 mailbox full", Deferred),  # the two contradict each other
        (354, "what", Deferred),
    ],
)
def test_an_answer_is_read_by_its_code_and_its_enhanced_code(code: int, text: str, expected: type) -> None:
    assert isinstance(of_reply(code, text), expected)


@pytest.mark.parametrize("address", ["a b@x.org", "a\r\nRCPT TO:<b@x.org>", "<a@x.org>", "", "a@x.org\x00"])
def test_an_address_that_would_be_a_command_is_no_envelope(address: str) -> None:
    assert envelope_address(address, smtputf8=True) is None


def test_an_international_domain_is_spelled_in_ascii_where_smtputf8_is_not_offered() -> None:
    assert envelope_address("a@bücher.example", smtputf8=False) == "a@xn--bcher-kva.example"
    assert envelope_address("анна@пример.example", smtputf8=False) is None
    assert envelope_address("анна@пример.example", smtputf8=True) == "анна@пример.example"


@pytest.mark.parametrize(
    "octets", [b"a\r\n.\r\nMAIL FROM:<x@y>\r\n", b"a\n.\nb", b"a\r.\rb", b".\r\n", b"a\r\n\r\n.b"]
)
def test_no_text_can_end_a_message_early(octets: bytes) -> None:
    sent = wired(octets)
    assert not sent.startswith(b".\r\n")
    assert b"\r\n.\r\n" not in sent
    assert b"\n" not in sent.replace(b"\r\n", b"")
    assert b"\r" not in sent.replace(b"\r\n", b"")
    assert unwired(sent) == octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def test_replies_are_read_however_they_are_cut() -> None:
    octets = b"250-sink\r\n250-PIPELINING\r\n250 SIZE 10\r\n354 go\r\n"
    for cut in range(len(octets)):
        replies = Replies()
        found = replies.feed(octets[:cut]) + replies.feed(octets[cut:])
        assert found == [Reply(250, ("sink", "PIPELINING", "SIZE 10")), Reply(354, ("go",))]
        assert replies.empty


@pytest.mark.parametrize("octets", [b"x" * (LONGEST_LINE + 1), b"hello\r\n", b"250-a\r\n" * 300, b"25\r\n"])
def test_what_is_no_reply_or_has_no_end_is_given_up_and_what_came_before_it_counts(octets: bytes) -> None:
    replies = Replies()
    assert replies.feed(b"250 kept\r\n" + octets + b"\r\n250 more\r\n") == [Reply(250, ("kept",))]
    assert replies.nonsense


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(552, ("5.3.4 too large",)), Refused("552 5.3.4 too large")),
        (Reply(452, ("4.3.1 disk full",)), Deferred("452 4.3.1 disk full")),
        (Reply(250, ("ok",)), Deferred("250 ok")),
    ],
)
def test_a_reply_before_the_final_dot_has_left_accepts_nothing_and_ends_the_connection(
    reply: Reply, expected: object
) -> None:
    session = under_way()
    session.begin(mail("bob"))
    session.cut_short(reply)
    assert [outcome for _, outcome in session.done] == [expected]
    assert [waiting.key for waiting in session.again] == ["bob"]
    assert session.spent


def test_a_goodbye_between_354_and_the_body_gives_the_mail_back_and_teaches_nothing() -> None:
    session = Session(Offers(pipelining=True), most=10)
    session.begin(mail("ann"))
    for reply in (OK, OK, GO, Reply(421, ("4.3.2 shutting down",))):
        session.heard(reply)
    assert [waiting.key for waiting in session.again] == ["ann"]
    assert session.spent
    assert not session.turned_off


def opened(server: Server, *replies: Reply, token: str = "") -> tuple[list[object], Offers]:
    """What is said in an opening with these replies, and the offers in the end."""
    talk, words = dialogue(server, name="me.example", token=token), []
    words.append(next(talk))
    for reply in replies:
        try:
            words.append(talk.send(reply))
        except StopIteration as end:
            ready: Ready = end.value
            return words, ready.offers
    raise AssertionError(words)


HELLO = Reply(250, ("sink", "STARTTLS", "PIPELINING", "AUTH PLAIN LOGIN XOAUTH2", "SIZE 1000", "SMTPUTF8"))
BANNER = Reply(220, ("sink",))


def test_what_was_offered_in_clear_counts_no_more_after_starttls() -> None:
    (server,) = read_smtp_url("smtp://mail/?tls=starttls")
    bare = Reply(250, ("sink",))
    words, offers = opened(server, BANNER, HELLO, BANNER, BANNER, bare)
    assert words == [b"", b"EHLO me.example\r\n", b"STARTTLS\r\n", SECURE, b"EHLO me.example\r\n"]
    assert offers == Offers()


def test_a_server_that_offers_no_tls_is_not_given_the_password() -> None:
    (server,) = read_smtp_url("smtp://u:p@mail/?tls=starttls")
    with pytest.raises(TurnedAwayError, match="STARTTLS"):
        opened(server, BANNER, Reply(250, ("sink", "AUTH PLAIN")))


@pytest.mark.parametrize(
    ("offered", "token", "expected"),
    [
        ("AUTH LOGIN PLAIN", "", [b"AUTH PLAIN AHUAcA==\r\n"]),
        ("AUTH=LOGIN", "", [b"AUTH LOGIN\r\n", b"dQ==\r\n", b"cA==\r\n"]),
        ("AUTH PLAIN XOAUTH2", "t", [b"AUTH XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHQBAQ==\r\n"]),
    ],
)
def test_signing_in_by_what_is_offered(offered: str, token: str, expected: list[bytes]) -> None:
    (server,) = read_smtp_url("smtps://u:p@mail")
    steps = [Reply(334, ("",))] * (len(expected) - 1) + [Reply(235, ("in",))]
    words, _ = opened(server, BANNER, Reply(250, ("sink", offered)), *steps, token=token)
    assert words[2:] == expected


def test_a_wrong_password_says_what_the_server_said() -> None:
    (server,) = read_smtp_url("smtps://u:p@mail")
    with pytest.raises(TurnedAwayError, match=r"signing in as u: 535 5\.7\.8 wrong"):
        opened(server, BANNER, HELLO, Reply(535, ("5.7.8 wrong",)))


def test_several_servers_and_one_senders_part_of_each() -> None:
    first, second = read_smtp_url(
        "smtp://a/?connections=9&rate=100&weight=3 smtps://b/?weight=0&per_connection=50"
    )
    assert (first.host, first.weight, first.shared_by(4).connections, first.shared_by(4).rate) == (
        "a",
        3,
        2,
        25,
    )
    assert (second.port, second.weight, second.per_connection) == (465, 0, 50)
