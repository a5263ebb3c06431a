"""Which parts of a mail are read, and how: attached mails, charsets, and how much of what is long."""

from digest.feedback.pure.mail_parts import LONGEST_FOLD, MAX_MAIL_BYTES, parse_mail


def test_so_many_octets_of_a_mail_are_read() -> None:
    head, line = b"Subject: x\n\n", b"x" * 2999 + b"\n"
    body = (line * 90)[: MAX_MAIL_BYTES - len(head) - 5] + b"\nMARK" + b"S and more\n"
    assert parse_mail(head + body).text.endswith("\nMARK\n")


def test_a_mail_that_is_attached_is_returned_with_its_header() -> None:
    mail = parse_mail(
        b"From: a@x.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\n"
        b"Content-Type: message/rfc822\n\nSubject: The first\nX-Mark: 1\n\nbody\n--b\n"
        b"Content-Type: text/rfc822-headers\n\nSubject: The second\n--b--\n"
    )
    (attached,) = mail.attached_mails
    assert attached["X-Mark"] == "1"
    assert mail.text.strip() == "Hello"
    assert "The first" in mail.returned_text
    assert "The second" not in mail.returned_text


def test_a_header_folded_again_and_again_is_cut() -> None:
    folded = b"".join(b" " + b"x" * 999 + b"\n" for _ in range(20))
    field = str(parse_mail(b"X-Long: a\n" + folded + b"Subject: after\n\n").message["X-Long"])
    assert LONGEST_FOLD - 1000 < len(field) < LONGEST_FOLD + 100
    assert parse_mail(b"X-Long: a\n" + folded + b"Subject: after\n\n").header("subject") == "after"


def test_a_charset_that_nobody_knows_is_read_as_utf_8_if_it_is_that() -> None:
    def text(charset: str, octets: bytes) -> str:
        return parse_mail(f"Content-Type: text/plain; charset={charset}\n\n".encode() + octets).text.strip()

    assert text("x-unknown", "größer".encode()) == "größer"
    assert text("x-unknown", "größer".encode("latin-1")) == "größer"
    assert text("koi8-r", "привет".encode("koi8-r")) == "привет"
    assert text("zip", b"plain") == "plain"
