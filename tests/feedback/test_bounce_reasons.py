"""Why a mail bounced, and whether it is hard, by the text and the status of a failure."""

import time
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.feedback.pure.bounce_reasons import (
    DEFERRED,
    FILTERED,
    REASONS_FILE,
    UNKNOWN,
    BounceDiagnostic,
    classify_bounce,
)

TABLE = tomllib.loads(REASONS_FILE.read_text(encoding="utf-8"))["reason"]
ALL_REASONS = {entry["name"] for entry in TABLE} | {DEFERRED, FILTERED, UNKNOWN}

IN_A_REPORT = [
    ("550 5.1.1 user unknown", "5.1.1", "nouser", True),
    ("550 5.1.1 mailbox full", "5.1.1", "mailboxfull", False),
    ("450 4.1.1 user unknown", "4.1.1", "deferred", False),
    ("550 no such user at relay.far.example", "5.0.0", "nouser", True),
    (
        "host mx.far.example said: 550 user not found (in reply to end of DATA command)",
        "5.0.0",
        "filtered",
        False,
    ),
    ("550 user unknown", "5.2.0", "filtered", False),
    ("550 user unknown", "5.7.1", "filtered", False),
    ("550 5.7.1 no such user (in reply to RCPT TO command)", "5.7.1", "nouser", True),
    ("553 user unknown; connection will be closed", "5.1.1", "nouser", True),
    ("554 5.7.1 relaying denied", "5.7.1", "relaying", False),
    ("550 we do not relay for far.example", "5.0.0", "relaying", False),
    ("552 message size exceeds fixed limit", "5.3.4", "toobig", False),
    ("550 5.1.8 sender address rejected: domain not found", "5.1.8", "sender", False),
    ("550 5.4.4 host not found", "5.4.4", "nohost", True),
    ("451 4.4.4 host not found, try again", "4.4.4", "deferred", False),
    ("550 the account has been disabled", "5.2.1", "inactive", False),
    ("550 account closed", "5.0.0", "inactive", False),
    ("550 the user has moved to new@far.example", "5.1.6", "moved", True),
    ("556 5.1.10 domain does not accept mail (nullMX)", "5.1.10", "takesnomail", True),
    ("550 blocked by zen.spamhaus.org", "5.7.1", "blocked", False),
    ("554 5.7.1 this message was classified as spam", "5.7.1", "spam", False),
    ("550 5.7.26 DMARC policy of reject", "5.7.26", "authentication", False),
    ("421 too many connections from your host", "4.7.0", "ratelimit", False),
    ("", "5.1.1", "nouser", True),
    ("", "5.1.2", "nohost", True),
    ("", "5.2.2", "mailboxfull", False),
    ("", "4.1.1", "deferred", False),
    ("", "5.7.509", "authentication", False),
    ("", "5.7.999", "policy", False),
    ("", "5.0.0", "unknown", False),
    ("", "", "unknown", False),
    ("Q7-1442", "5.0.0", "unknown", False),
]


@pytest.mark.parametrize(("words", "status", "reason", "hard"), IN_A_REPORT)
def test_a_report_is_classified_by_its_text_then_its_status(
    words: str, status: str, reason: str, hard: bool
) -> None:
    result = classify_bounce(BounceDiagnostic(words, status, from_report=True))
    assert (result.reason, result.hard) == (reason, hard)


WITHOUT_A_REPORT = [
    ("Unknown user: anna@far.example", "", True),  # the mailer's own text
    ("Remote host said: 550 unknown user", "", False),  # of another server, as a reply to any command
    ("550 unknown user", "", True),  # the mailer's own text, with a code
    ("554 unknown user", "", False),
    # The link says nothing about the reason.
    ("550 5.1.1 user unknown, see https://spamhaus.example/blocked", "", True),
    ("Remote host said: 550 unknown user", "192.0.2.9 does not like recipient.", True),
    ("Remote host said: 550 5.1.1 unknown user", "", True),
    ("This user doesn't have a far.example account", "", False),
    ("Sorry, no mailbox here by that name. (#5.1.1)", "", True),
]


@pytest.mark.parametrize(("words", "context", "hard"), WITHOUT_A_REPORT)
def test_the_text_of_another_server_counts_when_it_answers_rcpt(words: str, context: str, hard: bool) -> None:
    assert classify_bounce(BounceDiagnostic(words, context=context)).hard is hard


def test_the_last_command_counts() -> None:
    transcript = ">>> RCPT To:<a@b.example> <<< 250 OK >>> DATA <<< 550 user unknown"
    assert not classify_bounce(
        BounceDiagnostic("550 user unknown", "5.0.0", from_report=True, context=transcript)
    ).hard


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=300), st.sampled_from(["", "4.1.1", "4.2.2", "4.0.0"]))
def test_a_temporary_failure_is_never_hard(words: str, status: str) -> None:
    result = classify_bounce(BounceDiagnostic("450 " + words, status or "4.0.0", from_report=True))
    assert not result.hard
    assert result.reason in ALL_REASONS


@pytest.mark.parametrize(
    "word", ["user ", "mailbox is ", "address not ", "no such ", "the the ", "host ", "a" * 79 + " "]
)
def test_long_words_take_no_time(word: str) -> None:
    started = time.process_time()
    classify_bounce(BounceDiagnostic(word * 5_000, "5.0.0", from_report=True))
    assert time.process_time() - started < 1
