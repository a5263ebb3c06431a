"""Mails made to break a parser: reading them raises nothing, takes little time, and makes no hard bounce."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.feedback.pure.classification import classify_mail
from digest.feedback.pure.mail_parts import MAX_MAIL_BYTES

MAILS = [path.read_bytes() for path in sorted((Path(__file__).parent / "mails").glob("*.eml"))]
SECONDS = 0.5  # of processor time, for any mail
DSN = b"""From: MAILER-DAEMON@mx.example
To: digest@news.example
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

%s
--b--
"""


def nested_parts(levels: int) -> bytes:
    head = b"From: MAILER-DAEMON@mx.example\nSubject: failed\n"
    openings = b"".join(
        b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(levels)
    )
    return head + openings + b"Content-Type: text/plain\n\nanna@far.example user unknown\n"


HOSTILE = {
    "nothing": b"",
    "zeros": b"\0" * 100_000,
    "a huge body": b"From: MAILER-DAEMON@x\nSubject: failed\n\n"
    + b"anna@far.example: user unknown\n" * 1_000_000,
    "deep parts": nested_parts(5_000),
    "deep mails": b"Content-Type: message/rfc822\n\n" * 5_000,
    "a long header": b"From: " + b"a" * 2_000_000 + b"\n\n",
    "a folded header": b"Content-Type: multipart/mixed;\n" + b' a="b;\n' * 40_000 + b"\n\n",
    "many quotes": b'Content-Type: text/plain; charset="' + b'";x="' * 40_000 + b"\n\nx",
    "a charset that is none": b'From: MAILER-DAEMON@x\nContent-Type: text/plain; charset="zip"\n\nx',
    "a slow charset": b'From: MAILER-DAEMON@x\nContent-Type: text/plain; charset="idna"\n\n'
    + b"a." * 100_000,
    "an encoded word that is none": b"Subject: =?utf-8?b?\xff?= =?x?q?=\n=?=\nFrom: =?idna?b?AAAA?=\n\nx",
    "many recipients": DSN % (b"Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * 20_000),
    "a recipient of nothing but dots": DSN % (b"Final-Recipient: rfc822; " + b"a." * 30_000 + b"@b\n"),
    "blanks": b"From: MAILER-DAEMON@x\nSubject: failed\n\n" + b" " * 250_000,
    "words without an end": b"From: MAILER-DAEMON@x\nSubject: failed\n\n"
    + b"user " * 50_000
    + b"a@b.example",
    "angles": b"From: MAILER-DAEMON@x\nContent-Type: text/html\n\n" + b"<style" * 40_000,
    "many addresses": b"From: MAILER-DAEMON@x\nSubject: failed\n\n" + b"to: a@b.example " * 15_000,
    "at signs": b"From: MAILER-DAEMON@x\nSubject: failed\n\nto: " + b"a@" * 100_000,
    "base64 of nothing": b"Content-Transfer-Encoding: base64\nContent-Type: message/rfc822\n\n===="
    + b"=" * 9_000,
}


HTML = b"From: MAILER-DAEMON@x\nSubject: failed\nContent-Type: text/html\n\n"
PLAIN = b"From: MAILER-DAEMON@x\nSubject: failed\n\n"
HOSTILE |= {
    f"{piece!r} again and again": start + piece * (256 * 1024 // len(piece))
    for start, pieces in {
        HTML: (b"<style>", b"<script>a", b"<title x", b"</style ", b"<p ", b"<", b"&", b"&#1", b"<!--"),
        PLAIN: (
            b"\n",
            b"\r",
            b"--b\n",
            b"Final-Recipient: rfc822; a@b.c\n",
            b"Status: 5.1.1\n",
            b"a_b-",
            b"bad_",
        ),
    }.items()
    for piece in pieces
}


@pytest.fixture(scope="module", autouse=True)
def _compiled_patterns() -> None:
    classify_mail(PLAIN + b"anna@far.example: user unknown")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_in_no_time(name: str) -> None:
    started = time.process_time()
    feedback = classify_mail(HOSTILE[name])
    assert time.process_time() - started < SECONDS
    assert len(feedback.recipients) <= 50
    assert len(feedback.searchable_text) <= 200_000


def test_text_beyond_the_limit_is_not_examined() -> None:
    raw = (
        b"From: MAILER-DAEMON@x\nSubject: failed\n\n"
        + b"x\n" * MAX_MAIL_BYTES
        + b"anna@far.example: user unknown\n"
    )
    assert list(classify_mail(raw).recipients) == []


def test_a_header_cannot_be_smuggled_into_an_address() -> None:
    raw = (
        DSN
        % b"Final-Recipient: rfc822; anna@far.example\r\n\tBcc: x@y.example\nStatus: 5.1.1\nAction: failed\n"
    )
    assert [recipient.address for recipient in classify_mail(raw).recipients] == ["anna@far.example"]


def mangle(raw: bytes, seed: int) -> bytes:
    """The mail with a few random changes."""
    rng = random.Random(seed)  # noqa: S311  (the same each time)
    octets = bytearray(raw)
    for _ in range(rng.randrange(1, 12)):
        position = rng.randrange(len(octets) or 1)
        match rng.randrange(5):
            case 0:
                octets[position : position + 1] = bytes([rng.randrange(256)])
            case 1:
                del octets[position : position + rng.randrange(1, 80)]
            case 2:
                octets[position:position] = octets[: rng.randrange(200)]
            case 3:
                octets[position:position] = rng.choice(
                    [b"\n\n", b"\r", b"\0", b"--b", b"=?", b"\xff\xfe", b";", b'"', b"<", b"@"]
                )
            case _:
                del octets[position + 1 :]
        if not octets:
            break
    return bytes(octets)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.sampled_from(MAILS), st.integers(0, 2**32))
def test_a_mail_that_was_mangled_on_its_way_raises_nothing(raw: bytes, seed: int) -> None:
    classify_mail(mangle(raw, seed))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=2_000))
def test_octets_that_are_no_mail_mean_nothing(raw: bytes) -> None:
    assert classify_mail(b"X: " + raw).kind in ("none", "autoreply", "bounce")


@pytest.mark.parametrize(
    "raw", [b"hello", bytes(range(256)) * 20, b"\r\n\r\n550 5.1.1 no such user anna@far.example"]
)
def test_octets_without_a_field_of_a_mail_are_no_bounce(raw: bytes) -> None:
    assert (classify_mail(raw).kind, classify_mail(raw).recipients) == ("none", ())


# Without mails whose status 5.1.* alone says "hard": the text that contradicts it may be cut off.
FIRST_LINES = {raw: raw.split(b"\n", 1)[0] for raw in MAILS}
SOFT = [
    raw
    for raw in MAILS
    if b"=soft" in FIRST_LINES[raw] and b"=hard" not in FIRST_LINES[raw] and b" 5.1." not in raw
]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(SOFT), st.integers(0, 2**32))
def test_a_soft_bounce_that_lost_its_end_is_not_hard(raw: bytes, seed: int) -> None:
    """Cutting a mail can't turn a temporary problem into a permanent one."""
    body = raw.split(b"\n", 1)[1]
    cut = body[: len(body) // 2 + seed % (len(body) // 2)]
    lines = cut.rsplit(b"\n", 1)[0]
    assert not [recipient for recipient in classify_mail(lines).recipients if recipient.hard]
