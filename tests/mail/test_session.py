"""What is said over a connection: pipelining, what each answer means, and what a broken connection leaves."""

import pytest

from digest.mail.pure.dot_stuffing import dot_unstuff
from digest.mail.pure.handshake import START_TLS, HandshakeError, run_handshake
from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Refused, classify_reply
from digest.mail.pure.replies import MAX_LINE_OCTETS, Reply, ReplyParser
from digest.mail.pure.servers import Server, max_senders, parse_smtp_url
from digest.mail.pure.session import Mail, ServerExtensions, SmtpSession, envelope_address
from tests.mail.dot_stuffing import dot_stuff

MESSAGE = b"Subject: x\r\n\r\nhello\r\n"
OK = Reply(250, ("2.0.0 ok",))
GO = Reply(354, ("go on",))


def mail(name: str) -> Mail:
    return Mail(name, "b@example.org", f"{name}@example.com", MESSAGE)


def said(session: SmtpSession) -> bytes:
    words = b"".join(session.outgoing)
    session.outgoing.clear()
    return words


def under_way(*, pipelining: bool = True) -> SmtpSession:
    """A session whose first message is out, to its final dot."""
    session = SmtpSession(ServerExtensions(pipelining=pipelining), max_messages=10)
    session.send_envelope(mail("ann"))
    for reply in (OK, OK, GO):
        session.handle_reply(reply)
    session.send_body()
    said(session)
    return session


def test_with_pipelining_the_next_envelope_follows_the_body_at_once() -> None:
    session = SmtpSession(ServerExtensions(pipelining=True), max_messages=10)
    session.send_envelope(mail("ann"))
    assert said(session).count(b"\r\n") == 3
    for reply in (OK, OK, GO):
        session.handle_reply(reply)
    session.send_body()
    session.send_envelope(mail("bob"))
    assert (
        said(session) == MESSAGE + b".\r\nMAIL FROM:<b@example.org>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n"
    )


def test_no_body_goes_out_before_the_answer_to_the_last_one() -> None:
    session = under_way()
    session.send_envelope(mail("bob"))
    assert not session.can_send_body
    for reply in (OK, OK, OK):
        session.handle_reply(reply)
    assert not session.can_send_body
    session.handle_reply(GO)
    assert session.can_send_body
    assert [outcome for _, outcome in session.outcomes] == [Accepted("250 2.0.0 ok")]


def test_without_pipelining_one_command_is_said_at_a_time() -> None:
    session = SmtpSession(ServerExtensions(), max_messages=10)
    session.send_envelope(mail("ann"))
    assert said(session) == b"MAIL FROM:<b@example.org>\r\n"
    session.handle_reply(OK)
    assert said(session) == b"RCPT TO:<ann@example.com>\r\n"
    session.handle_reply(Reply(550, ("5.1.1 no such user",)))
    assert said(session) == b""
    assert [outcome for _, outcome in session.outcomes] == [
        Refused("550 5.1.1 no such user (in reply to RCPT TO)")
    ]
    session.send_envelope(mail("bob"))
    assert said(session) == b"RSET\r\n"


def test_a_server_that_goes_on_without_recipients_gets_an_empty_message_and_nobody_gets_it() -> None:
    session = SmtpSession(ServerExtensions(pipelining=True), max_messages=10)
    session.send_envelope(mail("ann"))
    said(session)
    for reply in (OK, Reply(450, ("4.2.1 later",)), GO):
        session.handle_reply(reply)
    assert said(session) == b".\r\n"
    session.handle_reply(Reply(554, ("no recipients",)))
    assert session.outcomes == [(session.outcomes[0][0], Deferred("450 4.2.1 later"))]
    assert session.idle
    assert not session.closing


@pytest.mark.parametrize(("gone", "expected"), [(True, InDoubt), (False, Deferred)])
def test_a_connection_that_breaks_behind_the_dot_leaves_a_doubt_and_gives_the_next_back(
    gone: bool, expected: type
) -> None:
    session = under_way()
    session.send_envelope(mail("bob"))
    session.handle_disconnect("reset", final_dot_sent=gone)
    assert [type(outcome) for _, outcome in session.outcomes] == [expected]
    assert [waiting.key for waiting in session.returned] == ["bob"]


def test_421_before_the_body_is_about_the_connection_and_not_the_mail() -> None:
    session = SmtpSession(ServerExtensions(pipelining=True), max_messages=10)
    session.send_envelope(mail("ann"))
    session.handle_reply(Reply(421, ("4.7.0 too many messages",)))
    assert session.outcomes == []
    assert [waiting.key for waiting in session.returned] == ["ann"]
    assert session.is_exhausted


def test_an_unasked_answer_ends_the_connection() -> None:
    session = SmtpSession(ServerExtensions(), max_messages=10)
    session.handle_reply(OK)
    assert session.closing


def test_a_message_larger_than_the_server_takes_is_not_offered() -> None:
    session = SmtpSession(ServerExtensions(max_size=10, supports_size=True), max_messages=10)
    session.send_envelope(mail("ann"))
    assert [type(outcome) for _, outcome in session.outcomes] == [Refused]
    assert session.outgoing == []


@pytest.mark.parametrize(
    ("sender", "recipient", "reason"),
    [
        (
            "news@here.example",
            "an n@there.example",
            "553 5.1.3 'an n@there.example' can't be put into an envelope",
        ),
        (
            "news@here.example",
            "анна@there.example",
            "553 5.6.7 'анна@there.example' can't be put into an envelope",
        ),
        (
            "ne ws@here.example",
            "ann@there.example",
            "553 5.1.7 'ne ws@here.example' can't be put into an envelope",
        ),
    ],
)
def test_a_refusal_names_the_address_that_is_invalid(sender: str, recipient: str, reason: str) -> None:
    session = SmtpSession(ServerExtensions(), max_messages=1)
    session.send_envelope(Mail("ann", sender, recipient, b"Hello\r\n"))
    assert [outcome for _, outcome in session.outcomes] == [Refused(reason)]
    assert session.can_start_next  # nothing was sent, so the connection may still carry its one message


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
    assert isinstance(classify_reply(code, text, "RCPT TO"), expected)


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
def test_doubled_dots_are_undone(octets: bytes) -> None:
    assert dot_unstuff(dot_stuff(octets)) == octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(
        b"\n", b"\r\n"
    )


def test_replies_are_read_however_they_are_cut() -> None:
    octets = b"250-sink\r\n250-PIPELINING\r\n250 SIZE 10\r\n354 go\r\n"
    for cut in range(len(octets)):
        replies = ReplyParser()
        found = replies.feed(octets[:cut]) + replies.feed(octets[cut:])
        assert found == [Reply(250, ("sink", "PIPELINING", "SIZE 10")), Reply(354, ("go",))]
        assert replies.empty


@pytest.mark.parametrize(
    "octets", [b"x" * (MAX_LINE_OCTETS + 1), b"hello\r\n", b"250-a\r\n" * 300, b"25\r\n"]
)
def test_what_is_no_reply_or_has_no_end_is_given_up_and_what_came_before_it_counts(octets: bytes) -> None:
    replies = ReplyParser()
    assert replies.feed(b"250 kept\r\n" + octets + b"\r\n250 more\r\n") == [Reply(250, ("kept",))]
    assert replies.error


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(552, ("5.3.4 too large",)), Refused("552 5.3.4 too large (in reply to end of DATA)")),
        (Reply(452, ("4.3.1 disk full",)), Deferred("452 4.3.1 disk full")),
        (Reply(250, ("ok",)), Deferred("250 ok")),
    ],
)
def test_a_reply_before_the_final_dot_has_left_accepts_nothing_and_ends_the_connection(
    reply: Reply, expected: object
) -> None:
    session = under_way()
    session.send_envelope(mail("bob"))
    session.handle_early_reply(reply)
    assert [outcome for _, outcome in session.outcomes] == [expected]
    assert [waiting.key for waiting in session.returned] == ["bob"]
    assert session.is_exhausted


def test_a_goodbye_between_354_and_the_body_gives_the_mail_back_and_teaches_nothing() -> None:
    session = SmtpSession(ServerExtensions(pipelining=True), max_messages=10)
    session.send_envelope(mail("ann"))
    for reply in (OK, OK, GO, Reply(421, ("4.3.2 shutting down",))):
        session.handle_reply(reply)
    assert [waiting.key for waiting in session.returned] == ["ann"]
    assert session.is_exhausted
    assert not session.closed_by_server


def opened(server: Server, *replies: Reply, token: str = "") -> tuple[list[object], ServerExtensions]:
    """What is said in an opening with these replies, and the offers in the end."""
    talk, words = run_handshake(server, ehlo_name="me.example", access_token=token), []
    words.append(next(talk))
    for reply in replies:
        try:
            words.append(talk.send(reply))
        except StopIteration as end:
            extensions: ServerExtensions = end.value
            return words, extensions
    raise AssertionError(words)


HELLO = Reply(250, ("sink", "STARTTLS", "PIPELINING", "AUTH PLAIN LOGIN XOAUTH2", "SIZE 1000", "SMTPUTF8"))
BANNER = Reply(220, ("sink",))


def test_what_was_offered_in_clear_counts_no_more_after_starttls() -> None:
    (server,) = parse_smtp_url("smtp://mail/?tls=starttls")
    bare = Reply(250, ("sink",))
    words, offers = opened(server, BANNER, HELLO, BANNER, BANNER, bare)
    assert words == [b"", b"EHLO me.example\r\n", b"STARTTLS\r\n", START_TLS, b"EHLO me.example\r\n"]
    assert offers == ServerExtensions()


def test_a_server_that_offers_no_tls_is_not_given_the_password() -> None:
    (server,) = parse_smtp_url("smtp://u:p@mail/?tls=starttls")
    with pytest.raises(HandshakeError, match="STARTTLS"):
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
    (server,) = parse_smtp_url("smtps://u:p@mail")
    steps = [Reply(334, ("",))] * (len(expected) - 1) + [Reply(235, ("in",))]
    words, _ = opened(server, BANNER, Reply(250, ("sink", offered)), *steps, token=token)
    assert words[2:] == expected


def test_a_wrong_password_says_what_the_server_said() -> None:
    (server,) = parse_smtp_url("smtps://u:p@mail")
    with pytest.raises(HandshakeError, match=r"signing in as u: 535 5\.7\.8 wrong"):
        opened(server, BANNER, HELLO, Reply(535, ("5.7.8 wrong",)))


def test_several_servers_and_one_senders_part_of_each() -> None:
    first, second = parse_smtp_url(
        "smtp://a/?connections=9&rate=100&weight=3 smtps://b/?weight=0&per_connection=50"
    )
    share, letters = first.share_of_sender(4), first.share_of_letters()
    assert (first.host, first.weight, share.max_connections, letters.max_connections) == ("a", 3, 2, 1)
    assert 4 * share.max_connections + letters.max_connections <= 9
    assert 4 * share.rate + letters.rate == pytest.approx(100)
    assert max_senders([first, second], 64) == 8
    assert max_senders(parse_smtp_url("smtp://a/?connections=1"), 4) == 1
    assert (second.port, second.weight, second.max_messages) == (465, 0, 50)
