"""Families of wordings and forms: what says "no such recipient", and complaints that are no abuse reports."""

import pytest

from digest.feedback.pure.bounce_reasons import BounceDiagnostic, classify_bounce
from digest.feedback.pure.classification import ParsedKind, classify_mail

DEAD = [
    "554 Rcpt <lena@north.example> does not exist",
    "550 RCPT lena@north.example doesn't exist on this server",
    "550 <lena@north.example> does not exist",
    "550 rcpt <lena@north.example> unknown",
    "551 unknown rcpt lena@north.example",
    "550 lena@north.example is unknown",
    "550 lena@north.example no longer exists",
    "550 BAD_RECIPIENT",
    "550 INVALID_RECIPIENT lena",
    "550 UNKNOWN-USER",
    "554 RECIPIENT_NOT_FOUND",
    "550 mailbox_does_not_exist",
    "550 ERR: NO_SUCH_MAILBOX (17)",
    "550 lena@north.example is not an active address at this host",
    "550 this is not an existing mailbox",
    "550 lena is not a current e-mail user here: not an active account",
    "553 not a deliverable address",
    "550 that is not an active email address",
]
NOT_DEAD = [
    "550 lena@north.example: sender domain does not exist",
    "550 the mailbox lena@north.example is not active",
    "550 your server is not a known sender for this address",
    "552 lena@north.example mailbox full",
    "550 BAD_SENDER",
    "550 invalid_message_format",
    "451 lena@north.example does not exist",
]


@pytest.mark.parametrize("text", DEAD)
def test_these_words_mean_that_there_is_no_such_recipient(text: str) -> None:
    assert classify_bounce(BounceDiagnostic(text, "5.0.0", from_report=True)).hard


@pytest.mark.parametrize("text", NOT_DEAD)
def test_these_words_do_not_mean_that_there_is_no_such_recipient(text: str) -> None:
    assert not classify_bounce(BounceDiagnostic(text, from_report=True)).hard


def loop_mail(
    returned: str, *, subject: str = "complaint about message from 192.0.2.7", kind: str = "message/rfc822"
) -> bytes:
    return f"""From: loop@mail.example
To: fbl@bounces.example.org
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=q

--q
Content-Type: {kind}

{returned}

--q--
""".encode()


OWN_MAIL = """From: digest@example.org
To: lena@north.example
Subject: Morning letter
Message-ID: <7@example.org>

News."""


@pytest.mark.parametrize(
    "raw",
    [
        loop_mail("X-HmXmrOriginalRecipient: lena@north.example\n" + OWN_MAIL),
        loop_mail("x-hmxmroriginalrecipient:   <lena@north.example>\n" + OWN_MAIL, subject="FW: x"),
        loop_mail("X-HmXmrOriginalRecipient:\n lena@north.example\n" + OWN_MAIL, subject=""),
        loop_mail("Received: by x\nX-HmXmrOriginalRecipient: Lena <lena@north.example>\n" + OWN_MAIL),
        loop_mail("X-HmXmrOriginalRecipient: lena@north.example\n" + OWN_MAIL, kind="text/rfc822-headers"),
    ],
)
def test_a_complaint_in_the_older_form_of_outlook_names_its_complainant(raw: bytes) -> None:
    feedback = classify_mail(raw)
    assert (feedback.kind, feedback.complaint_type) == (ParsedKind.COMPLAINT, "abuse")
    assert [recipient.address for recipient in feedback.recipients] == ["lena@north.example"]
    assert "7@example.org" in feedback.searchable_text


@pytest.mark.parametrize("server", ["192.0.2.7", "[192.0.2.7]", "2001:db8::1", "a message from 192.0.2.7"])
def test_without_its_complainant_the_returned_mail_must_say_whose_it_is(server: str) -> None:
    about = server if server.startswith("a ") else f"message from {server}"
    feedback = classify_mail(loop_mail(OWN_MAIL, subject=f"complaint about {about}"))
    assert (feedback.kind, list(feedback.recipients)) == (ParsedKind.COMPLAINT, [])


@pytest.mark.parametrize(
    "raw",
    [
        loop_mail(OWN_MAIL, subject="complaint about the message of today"),
        loop_mail(OWN_MAIL, subject="Re: complaint about message from 192.0.2.7"),
        loop_mail("Nothing is returned.", kind="text/plain"),
        loop_mail("X-HmXmrOriginalRecipient: lena@north.example", subject="Hello", kind="text/plain"),
    ],
)
def test_a_person_who_writes_about_a_complaint_does_not_complain(raw: bytes) -> None:
    assert classify_mail(raw).kind != ParsedKind.COMPLAINT
