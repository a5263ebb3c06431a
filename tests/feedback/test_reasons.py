"""Hard or soft, by the words and the status of a failure."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.feedback.pure.bounce_reasons import Said, decide, reasons

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
def test_a_report_is_judged_by_its_words_then_its_status(
    words: str, status: str, reason: str, hard: bool
) -> None:
    verdict = decide(Said(words, status, report=True))
    assert (verdict.reason, verdict.hard) == (reason, hard)


IN_A_LETTER = [
    ("Unknown user: anna@far.example", "", True),  # the mailer's own words
    ("Remote host said: 550 unknown user", "", False),  # another's, to who knows what
    ("550 unknown user", "", True),  # the mailer's own words, with a code
    ("554 unknown user", "", False),
    (
        "550 5.1.1 user unknown, see https://spamhaus.example/blocked",
        "",
        True,
    ),  # whose page it is says nothing
    ("Remote host said: 550 unknown user", "192.0.2.9 does not like recipient.", True),
    ("Remote host said: 550 5.1.1 unknown user", "", True),
    ("This user doesn't have a far.example account", "", False),
    ("Sorry, no mailbox here by that name. (#5.1.1)", "", True),
]


@pytest.mark.parametrize(("words", "context", "hard"), IN_A_LETTER)
def test_another_servers_words_count_when_they_answer_rcpt(words: str, context: str, hard: bool) -> None:
    assert decide(Said(words, context=context)).hard is hard


def test_the_newest_command_counts() -> None:
    transcript = ">>> RCPT To:<a@b.example> <<< 250 OK >>> DATA <<< 550 user unknown"
    assert not decide(Said("550 user unknown", "5.0.0", report=True, context=transcript)).hard


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=300), st.sampled_from(["", "4.1.1", "4.2.2", "4.0.0"]))
def test_what_is_tried_again_is_never_hard(words: str, status: str) -> None:
    verdict = decide(Said("450 " + words, status or "4.0.0", report=True))
    assert not verdict.hard
    assert verdict.reason in {*reasons(), "filtered"}


@pytest.mark.parametrize(
    "word", ["user ", "mailbox is ", "address not ", "no such ", "the the ", "host ", "a" * 79 + " "]
)
def test_long_words_take_no_time(word: str) -> None:
    started = time.process_time()
    decide(Said(word * 5_000, "5.0.0", report=True))
    assert time.process_time() - started < 1
