"""How a connection is opened, as octets and replies; and how replies are read, on both sides of each limit."""

import base64

import pytest

from digest.mail.pure.handshake import START_TLS, HandshakeError, run_handshake
from digest.mail.pure.replies import MAX_LINE_OCTETS, MAX_LINES, Reply, ReplyParser
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.pure.session import ServerExtensions
from digest.mail.pure.text_wrapping import wrap_text

BANNER = Reply(220, ("mx.example",))
OK = Reply(250, ("ok",))


def hello(*extensions: str) -> Reply:
    return Reply(250, ("mx.example", *extensions))


def converse(url: str, *replies: Reply, token: str = "") -> tuple[list[object], ServerExtensions | None]:
    """What we say, and the extensions of the server once it has accepted us."""
    (server,) = parse_smtp_url(url)
    steps = run_handshake(server, ehlo_name="me.example", access_token=token)
    said = [next(steps)]
    try:
        for reply in replies:
            said.append(steps.send(reply))
    except StopIteration as end:
        return said, end.value
    return said, None


def test_a_server_says_what_it_can_do() -> None:
    said, extensions = converse("smtp://mx", BANNER, hello("PIPELINING", "size=2000", "SMTPUTF8 "))
    assert said == [b"", b"EHLO me.example\r\n"]
    assert extensions == ServerExtensions(pipelining=True, smtputf8=True, max_size=2000, supports_size=True)


@pytest.mark.parametrize(("size", "most"), [("9" * 14, int("9" * 14)), ("9" * 15, 0), ("large", 0), ("", 0)])
def test_the_largest_size_is_a_number_that_can_be_one(size: str, most: int) -> None:
    _, extensions = converse("smtp://mx", BANNER, hello(f"SIZE {size}"))
    assert extensions is not None
    assert (extensions.max_size, extensions.supports_size, extensions.pipelining) == (most, True, False)


@pytest.mark.parametrize("code", [500, 502, 504, 550])
def test_a_server_without_extensions_is_greeted_the_old_way(code: int) -> None:
    said, extensions = converse("smtp://mx", BANNER, Reply(code, ("what?",)), OK)
    assert said[-1] == b"HELO me.example\r\n"
    assert extensions == ServerExtensions(pipelining=False, smtputf8=False, max_size=0, supports_size=False)


@pytest.mark.parametrize("code", [199, 300, 421, 501, 554])
def test_any_other_answer_than_a_good_one_is_refused(code: int) -> None:
    with pytest.raises(HandshakeError, match=f"the banner: {code} {'x' * 300}$"):
        converse("smtp://mx", Reply(code, ("x" * 400,)))
    with pytest.raises(HandshakeError, match=f"EHLO: {code}"):
        converse("smtp://mx", Reply(200, ()), Reply(code, ("no",)))
    with pytest.raises(HandshakeError, match=f"HELO: {code}"):
        converse("smtp://mx", Reply(299, ()), Reply(500, ()), Reply(code, ("no",)))


def test_what_a_server_says_before_tls_does_not_count() -> None:
    url = "smtp://mx?tls=starttls"
    said, extensions = converse(
        url, BANNER, hello("STARTTLS", "PIPELINING"), Reply(220, ("go",)), OK, hello("SIZE 10")
    )
    assert said[2:] == [b"STARTTLS\r\n", START_TLS, b"EHLO me.example\r\n"]
    assert extensions is not None
    assert (extensions.pipelining, extensions.max_size) == (False, 10)
    with pytest.raises(HandshakeError, match="offers no STARTTLS"):
        converse(url, BANNER, hello())
    with pytest.raises(HandshakeError, match="STARTTLS: 454"):
        converse(url, BANNER, hello("STARTTLS"), Reply(454, ("later",)))


SIGNING_IN = "smtp://ann:secret@mx?tls=none"


def encoded(text: str) -> bytes:
    return base64.b64encode(text.encode())


def test_signing_in_by_plain_is_preferred_to_login() -> None:
    said, extensions = converse(SIGNING_IN, BANNER, hello("AUTH=login PLAIN"), Reply(235, ("welcome",)))
    assert said[-1] == b"AUTH PLAIN " + encoded("\0ann\0secret") + b"\r\n"
    assert extensions is not None
    with pytest.raises(HandshakeError, match="signing in as ann: 535"):
        converse(SIGNING_IN, BANNER, hello("AUTH PLAIN"), Reply(535, ("no",)))
    with pytest.raises(HandshakeError, match="signing in as ann: 250"):
        converse(SIGNING_IN, BANNER, hello("AUTH PLAIN"), OK)


def test_signing_in_by_login_asks_for_each_in_turn() -> None:
    go_on, welcome, no = Reply(334, ("go on",)), Reply(235, ("welcome",)), Reply(535, ("no",))
    said, extensions = converse(SIGNING_IN, BANNER, hello("AUTH LOGIN"), go_on, go_on, welcome)
    assert said[2:] == [b"AUTH LOGIN\r\n", encoded("ann") + b"\r\n", encoded("secret") + b"\r\n"]
    assert extensions is not None
    for place, what in enumerate(("AUTH LOGIN", "the user name", "signing in as ann")):
        with pytest.raises(HandshakeError, match=f"{what}: 535"):
            converse(SIGNING_IN, BANNER, hello("AUTH LOGIN"), *[go_on] * place, no)
    with pytest.raises(HandshakeError, match="it has none; we need LOGIN"):
        converse(SIGNING_IN, BANNER, hello())


def test_a_token_signs_in_and_the_reason_of_a_refusal_is_asked_for() -> None:
    url, offer, welcome = "smtp://ann@mx?tls=none", hello("AUTH XOAUTH2 PLAIN"), Reply(235, ("welcome",))
    said, extensions = converse(url, BANNER, offer, welcome, token="t")
    assert said[-1] == b"AUTH XOAUTH2 " + encoded("user=ann\x01auth=Bearer t\x01\x01") + b"\r\n"
    assert extensions is not None
    said, _ = converse(url, BANNER, offer, Reply(334, ("e30=",)), welcome, token="t")
    assert said[-1] == b"\r\n"
    with pytest.raises(HandshakeError, match="it has PLAIN; we need XOAUTH2"):
        converse(url, BANNER, hello("AUTH PLAIN"), token="t")


def test_a_reply_has_200_lines_and_each_8192_octets() -> None:
    parser = ReplyParser()
    assert parser.feed(b"250-x\r\n" * MAX_LINES) == []
    assert (parser.error, parser.empty) == ("", False)
    assert parser.feed(b"250 x\r\n") == [Reply(250, ("x",) * (MAX_LINES + 1))]
    assert parser.empty
    parser.feed(b"250-x\r\n" * (MAX_LINES + 1))
    assert parser.error == "a reply of more than 200 lines"
    long = ReplyParser()
    long.feed(b"2" * MAX_LINE_OCTETS)
    assert (long.error, long.empty) == ("", False)
    long.feed(b"2")
    assert long.error == "a line of more than 8192 octets"


def test_a_reply_may_have_no_text_but_must_have_a_code() -> None:
    assert ReplyParser().feed(b"250\r\n354 \r\n") == [Reply(250, ("",)), Reply(354, ("",))]
    for line in (b"25", b"2500 x", b"abc x", b"-----", b"x" * 100):
        parser = ReplyParser()
        assert parser.feed(b"220 a\r\n" + line + b"\r\n220 b\r\n") == [Reply(220, ("a",))]
        assert parser.error == f"not a reply: {line[:60]!r}"


def test_the_last_line_of_several_has_the_code_and_all_have_the_text() -> None:
    (reply,) = ReplyParser().feed(b"250-a\r\n250-b\r\n251 c\r\n")
    assert (reply, reply.text) == (Reply(251, ("a", "b", "c")), "a b c")
    (cut,) = ReplyParser().feed(b"250 " + b"x" * 9000 + b"\n")
    assert len(cut.text) == MAX_LINE_OCTETS


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("aaaa bbbbb", 10, ["aaaa bbbbb"]),
        ("aaaa bbbbbb", 10, ["aaaa", "bbbbbb"]),
        ("aaaa  bb\tc", 30, ["aaaa bb c"]),
        ("abcdefghijkl m", 10, ["abcdefghij", "kl m"]),
        (
            "see (https://example.org/a/long/path) now",
            10,
            ["see", "(https://example.org/a/long/path)", "now"],
        ),
        ("日本語日本語", 10, ["日本語日本", "語"]),
        ("日本語日本 a", 10, ["日本語日本", "a"]),
        ("\u1100\u1100\u1100", 5, ["\u1100\u1100", "\u1100"]),  # the first wide character
        ("äöüäöüäöüäöü", 10, ["äöüäöüäöüä", "öü"]),
        ("", 10, [""]),
    ],
)
def test_lines_have_so_many_columns_and_addresses_are_whole(text: str, width: int, lines: list[str]) -> None:
    assert wrap_text(text, width).split("\n") == lines
