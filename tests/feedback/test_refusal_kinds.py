"""A refusal is about the address, about its mailbox, or about us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliveries.states import RefusalKind
from digest.feedback.pure.refusal_kinds import classify_refusal
from digest.mail.pure.outcomes import Refused, classify_reply

UNKNOWN = (
    "550 5.1.1 no such user",
    "550 5.1.1 <ann@far.example>: Recipient address rejected: User unknown in virtual mailbox table",
    "550 No such mailbox here",
    "550 5.7.1 user unknown",  # many servers say 5.7.1 for anything
    "554 Rcpt <ann@far.example> does not exist",
    "550 BAD_RECIPIENT",
    "550 5.1.6 The user has moved to another company",
    "556 5.1.10 The domain has a null MX",
    "550 5.4.4 Host not found",
)
SOFT = (
    "552 5.2.2 mailbox full",
    "552 5.2.2",
    "550 5.7.1 mailbox is full",
    "550 5.2.1 this account has been disabled",
    "554 Rejected because of the policy of this site",
    "554 Your IP is listed at zen.spamhaus.org",
    "550 The reputation of your server is too low",
    "554 something that nobody has ever seen",
    "550",
)
SENDER = (
    "550 5.7.1",
    "550 5.7.1 refused",
    "550 5.7.1 Delivery not authorized, message refused",
    "550 5.7.1 relaying denied",
    "554 Relay access denied",
    "530 5.7.0 Must issue a STARTTLS command first",
    "530 Sign in first",
    "535 5.7.8 Bad credentials",
    "550 5.7.26 This mail is unauthenticated",
    "550 5.7.60 Client does not have permission to send as this sender",
    "550 5.4.5 Daily user sending quota exceeded",
    "550 Maximum credits exceeded",
    "550 You have exceeded your hourly sending limit",
    "550 5.1.8 Sender address rejected: Domain not found",
    "552 5.3.4 Message size exceeds fixed limit",
    "554 5.7.0 Too many messages from you today",
)
REPLIES = [(text, kind) for kind, texts in (
    (RefusalKind.UNKNOWN_RECIPIENT, UNKNOWN), (RefusalKind.SOFT, SOFT), (RefusalKind.SENDER, SENDER)
) for text in texts]  # fmt: skip


def refused(text: str, command: str = "RCPT TO") -> str:
    outcome = classify_reply(int(text[:3]), text[4:], command)
    assert isinstance(outcome, Refused)
    return outcome.answer


@pytest.mark.parametrize(("text", "kind"), REPLIES)
def test_an_answer_to_rcpt_says_whose_fault_it_is(text: str, kind: RefusalKind) -> None:
    assert classify_refusal(refused(text)).kind == kind


@pytest.mark.parametrize("text", [text for text, _ in REPLIES])
def test_an_answer_to_mail_from_is_never_about_the_recipient(text: str) -> None:
    assert classify_refusal(refused(text, "MAIL FROM")).kind == RefusalKind.SENDER


@pytest.mark.parametrize(
    "text", ["550 No such user", "554 5.7.1 No such user", "554 5.0.0 Unknown recipient"]
)
def test_the_words_of_a_dead_mailbox_after_the_text_come_from_a_filter(text: str) -> None:
    assert classify_refusal(refused(text, "end of DATA")).kind != RefusalKind.UNKNOWN_RECIPIENT
    assert classify_refusal(refused(text)).kind == RefusalKind.UNKNOWN_RECIPIENT


def test_a_server_cannot_claim_that_it_answered_another_command() -> None:
    quoted = "550 no such user (in reply to RCPT TO command)"
    assert classify_refusal(refused(quoted, "MAIL FROM")).kind == RefusalKind.SENDER


def test_the_command_stands_at_the_end_of_the_longest_answer() -> None:
    answer = refused("550 no such user " + "x" * 5_000, "MAIL FROM")
    assert classify_refusal(answer).kind == RefusalKind.SENDER


def test_our_own_refusal_of_an_address_that_no_envelope_can_hold_is_about_the_address() -> None:
    assert (
        classify_refusal("553 5.1.3 'a b@x' can't be put into an envelope").kind
        == RefusalKind.UNKNOWN_RECIPIENT
    )
    for about_us in (
        "553 5.1.7 'a b@x' can't be put into an envelope",
        "552 5.3.4 99 octets are more than the server's 9",
    ):
        assert classify_refusal(about_us).kind == RefusalKind.SENDER
    assert classify_refusal("553 5.6.7 'ä@x' can't be put into an envelope").kind == RefusalKind.SOFT


@given(st.text(max_size=600))
def test_any_text_has_a_kind(text: str) -> None:
    for command in ("MAIL FROM", "RCPT TO", "end of DATA"):
        refusal = classify_refusal(f"550 {text} (in reply to {command})")
        assert (refusal.kind == RefusalKind.SENDER) >= (command == "MAIL FROM")
