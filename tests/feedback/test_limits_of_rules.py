"""What mails and reports mean at the limits of each rule: who wrote them, what they are about, how much is read."""

from datetime import timedelta

import pytest

from digest.feedback.pure import autoreplies
from digest.feedback.pure.bounce_reasons import (
    LONGEST_TEXT,
    BounceDiagnostic,
    answered_command,
    classify_bounce,
    normalize,
    sender_fault_reasons,
)
from digest.feedback.pure.classification import ParsedKind, classify_mail
from digest.feedback.pure.free_text import PASSAGE_LENGTH, passage_about
from digest.feedback.pure.mail_parts import (
    LONGEST_FIELD,
    MOST_FIELDS,
    MOST_LINES,
    html_to_text,
    parse_mail,
)
from digest.feedback.pure.report_fields import (
    MOST_RECIPIENTS,
    find_addresses,
    find_status_codes,
    parse_abuse_report,
    parse_delivery_status,
)
from digest.feedback.pure.soft_bounces import SoftBounceLimit, has_too_many_soft_bounces
from tests.conftest import NOON


def mail(*fields: str, body: str = "Hello") -> bytes:
    return "\n".join([*fields, "", body, ""]).encode()


@pytest.mark.parametrize(
    ("fields", "is_automatic", "is_autoreply"),
    [
        (["Auto-Submitted: no"], False, False),
        (["Auto-Submitted: No"], False, False),
        (["Auto-Submitted: auto-generated"], True, False),
        (["Auto-Submitted: auto-replied; owner-email=x@y.example"], True, True),
        (["X-Autoreply: yes"], True, True),
        (["X-Vacation: 1"], True, True),
        (["Precedence: auto_reply"], True, True),
        (["Precedence: bulk"], False, False),
        (["Subject: Out of office"], True, True),
        (["Subject: Re: Out of office"], True, True),
        (["Subject: We are never out of office"], False, False),
        ([], False, False),
    ],
)
def test_who_is_away_says_so(fields: list[str], is_automatic: bool, is_autoreply: bool) -> None:
    parsed = parse_mail(mail("From: ann@far.example", *fields))
    assert (autoreplies.is_automatic(parsed), autoreplies.is_autoreply(parsed)) == (
        is_automatic,
        is_autoreply,
    )


@pytest.mark.parametrize(
    ("fields", "is_daemon"),
    [
        (["From: MAILER-DAEMON@mx.example"], True),
        (["X-Failed-Recipients: ann@far.example"], True),
        (["From: ann@far.example"], False),
        ([], False),
    ],
)
def test_a_mail_system_says_that_it_is_one(fields: list[str], is_daemon: bool) -> None:
    assert autoreplies.is_from_mailer_daemon(parse_mail(mail(*fields))) == is_daemon


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("rcpt to generated", "rcpt"),
        ("in reply to end of data", "data"),
        ("in reply to mail from, then in reply to rcpt to", "rcpt"),
        ("in reply to rcpt to, then in reply to mail from", "mail"),
        ("nothing of this", ""),
    ],
)
def test_the_last_command_counts(text: str, command: str) -> None:
    assert answered_command(text) == command


def test_so_much_of_a_text_is_read() -> None:
    words = "ab " * 4000
    assert len(normalize(words)) == LONGEST_TEXT == 2000
    assert normalize("X’s  " + "y" * 100) == "x's " + "y" * 80
    assert normalize(" " * 4 * LONGEST_TEXT + "late") == ""
    assert normalize(" " * (4 * LONGEST_TEXT - 4) + "late") == "late"


@pytest.mark.parametrize(
    ("text", "status", "counts"),
    [
        ("550 5.1.1 no", "5.0.0", "5.1.1"),  # the report says nothing in particular
        ("550 5.1.1 no", "4.2.2", "4.2.2"),  # the report's own comes first
        ("550 no", "5.0.0", "5.0.0"),
        ("550 5.7.1 no", "5.1.1.1", "5.7.1"),
        ("250 2.1.5 ok", "2.0.0", ""),
        ("550 no", "550", ""),
    ],
)
def test_the_status_that_says_most_counts(text: str, status: str, counts: str) -> None:
    assert classify_bounce(BounceDiagnostic(text, status, from_report=True)).status == counts


@pytest.mark.parametrize(
    ("text", "from_report", "reason", "hard"),
    [
        ("550 user unknown", False, "nouser", True),
        ("554 user unknown", False, "filtered", False),  # a filter's answer after the mail
        ("mx.far.example said: 550 user unknown", False, "filtered", False),  # to which command?
        ("mx.far.example said: 550 user unknown", True, "nouser", True),
        ("user unknown", False, "nouser", True),
        ("450 user unknown", False, "deferred", False),
        ("mailbox full, see https://user-unknown.example/", False, "mailboxfull", False),
    ],
)
def test_words_are_about_the_recipient_or_not(text: str, from_report: bool, reason: str, hard: bool) -> None:
    found = classify_bounce(BounceDiagnostic(text, from_report=from_report))
    assert (found.reason, found.hard) == (reason, hard)


def test_some_reasons_are_our_own_fault() -> None:
    assert {"toobig", "authentication"} <= sender_fault_reasons()
    assert not {"nouser", "mailboxfull"} & sender_fault_reasons()


def test_a_day_counts_once_and_the_span_and_the_days_must_both_be_reached() -> None:
    limit, day = SoftBounceLimit(bounce_days=3, span_days=7), timedelta(days=1)

    def is_over(*days: float) -> bool:
        return has_too_many_soft_bounces([NOON - number * day for number in days], limit, NOON)

    assert is_over(0, 3, 7)
    assert not is_over(0, 3, 6)
    assert not is_over(0, 0.01, 7)
    assert is_over(53, 57, 60)
    assert not is_over(53, 57, 60.001)
    assert not is_over(-0.001, 3, 7)


def report(*groups: str, text: str = "Failed.") -> bytes:
    parts = "\n\n".join(["Reporting-MTA: dns; mx.example", *groups])
    return (
        "From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\n"
        f"{text}\n--b\nContent-Type: message/delivery-status\n\n{parts}\n--b--\n"
    ).encode()


def group(
    address: str, action: str = "failed", status: str = "5.1.1", diagnostic: str = "550 user unknown"
) -> str:
    lines = [f"Final-Recipient: rfc822; {address}"]
    lines += [f"{name}: {value}" for name, value in (("Action", action), ("Status", status)) if value]
    return "\n".join([*lines, f"Diagnostic-Code: smtp; {diagnostic}"])


@pytest.mark.parametrize(
    ("action", "status", "failed"),
    [
        ("failed", "5.1.1", True),
        ("delivered", "2.0.0", False),
        ("relayed", "5.1.1", False),
        ("expanded", "", False),
        ("", "2.1.5", False),
        ("", "5.1.2", True),
        ("", "", True),
        ("failed", "2.0.0", True),
    ],
)
def test_what_was_delivered_is_no_bounce(action: str, status: str, failed: bool) -> None:
    feedback = classify_mail(report(group("ann@far.example", action, status)))
    assert (feedback.kind == ParsedKind.BOUNCE) == failed
    assert bool(feedback.recipients) == failed
    assert feedback.unnamed_recipient is None


def test_a_warning_is_soft_and_the_last_status_of_an_address_counts() -> None:
    feedback = classify_mail(report(group("ann@far.example"), group("Ann@far.example", "delayed")))
    (recipient,) = feedback.recipients
    assert (recipient.hard, recipient.reason) == (False, "nouser")
    (silent,) = classify_mail(report(group("ann@far.example", "delayed", "", "x"))).recipients
    assert (silent.hard, silent.reason) == (False, "deferred")


def test_what_a_report_leaves_open_is_read_from_the_text_about_the_address() -> None:
    text = "ann@far.example\n  mailbox is full\nbob@far.example\n  user unknown\n"
    groups = [group(f"{name}@far.example", status="5.0.0", diagnostic="550 no") for name in ("ann", "bob")]
    ann, bob = classify_mail(report(*groups, text=text)).recipients
    assert (ann.reason, ann.hard) == ("mailboxfull", False)
    assert (bob.reason, bob.hard) == ("nouser", True)


def test_a_quote_has_300_characters_and_a_message_id_250() -> None:
    (recipient,) = classify_mail(report(group("ann@far.example", diagnostic="x" * 400))).recipients
    assert len(recipient.diagnostic) == 300
    assert len(classify_mail(mail("From: a@b.example", f"Message-ID: {'i' * 300}")).message_id) == 250


def test_a_bounce_that_names_nobody_has_a_result_all_the_same() -> None:
    feedback = classify_mail(mail("From: MAILER-DAEMON@mx.example", "Subject: failure", body="User unknown"))
    assert (feedback.kind, list(feedback.recipients)) == (ParsedKind.BOUNCE, [])
    assert feedback.unnamed_recipient is not None
    assert feedback.unnamed_recipient.hard
    assert classify_mail(mail("From: ann@far.example")).unnamed_recipient is None


def test_a_passage_ends_where_the_next_address_begins() -> None:
    text = "To ann@far.example:\nfull\nTo bob@far.example:\nunknown\n"
    assert (
        passage_about(text, "ANN@far.example", ["ann@far.example", "bob@far.example"])
        == "To ann@far.example:\nfull\n"
    )
    assert passage_about(text, "bob@far.example", ["ann@far.example"]) == "To bob@far.example:\nunknown\n"
    assert passage_about(
        "ann@far.example bob@far.example no", "ann@far.example", ["bob@far.example"]
    ).endswith("no")
    assert passage_about(text, "eve@far.example") == ""
    assert len(passage_about("ann@far.example " + "x" * 3000, "ann@far.example")) == PASSAGE_LENGTH


def test_addresses_and_codes_of_a_report() -> None:
    assert find_addresses("<ann@far.example>, 'bob@far.example.' ann@far.example") == [
        "ann@far.example",
        "bob@far.example",
    ]
    assert find_status_codes("5.1.1, 4.2.22; 1.2.3 5.1.1.1 15.1.1") == ["5.1.1", "4.2.22"]
    many = "\n\n".join(group(f"a{number}@far.example") for number in range(MOST_RECIPIENTS + 5))
    assert len(parse_delivery_status(many)) == MOST_RECIPIENTS


def test_a_report_with_a_blank_line_too_few_or_too_many() -> None:
    without = (
        "Final-Recipient: rfc822; a@x.io\nAction: failed\nFinal-Recipient: rfc822; b@x.io\nStatus: 5.1.1"
    )
    assert [(s.address, s.action, s.status) for s in parse_delivery_status(without)] == [
        ("a@x.io", "failed", ""), ("b@x.io", "", "5.1.1")
    ]  # fmt: skip
    split = (
        "Reporting-MTA: dns; x\nAction: delayed\n\nFinal-Recipient: rfc822; a@x.example\n\nStatus: 4.2.2\n"
    )
    (status,) = parse_delivery_status(split)
    assert (status.address, status.action, status.status) == ("a@x.example", "delayed", "4.2.2")


def test_a_folded_field_is_one_also_where_the_indent_is_missing() -> None:
    (status,) = parse_delivery_status(
        "Final-Recipient: rfc822; a@x.example\nDiagnostic-Code: smtp; 550 no\n such user\nhere\n\tor there\n"
    )
    assert status.diagnostic == "550 no such user here or there"


def test_an_abuse_report_has_a_type_of_at_most_32_letters_and_its_complainants() -> None:
    found = parse_abuse_report(
        "Feedback-Type: Opt-Out 7\nOriginal-Rcpt-To: <a@x.example>\nRedacted-Address: b@x.example c@x.example"
    )
    assert (found.feedback_type, list(found.addresses)) == ("opt-out", ["a@x.example", "b@x.example"])
    assert parse_abuse_report(f"Feedback-Type: {'z' * 40}").feedback_type == "z" * 32
    assert parse_abuse_report("Version: 1").feedback_type == "abuse"


def test_so_much_of_a_mail_is_read() -> None:
    assert parse_mail(mail("Subject: " + "x" * 3000)).header("subject") == "x" * LONGEST_FIELD
    assert len(parse_mail(mail(*["To: a@b.example"] * 30)).headers("to")) == MOST_FIELDS
    long = parse_mail(mail("Subject: x", body="line\n" * 6000)).text
    assert long.count("line") == MOST_LINES - 2  # its header and the blank line


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<br>two</p>", "\none\ntwo\n"),
        ("<style>p { }</style>one<script>x</script>", "one"),
        ("one<style>two", "onetwo"),
        ("a &lt; b&nbsp;c <b>d</b>", "a < b c d"),
        ("<title>t</title>x<title>y", "xy"),
    ],
)
def test_the_text_of_html_is_what_people_see(html: str, text: str) -> None:
    assert html_to_text(html) == text
