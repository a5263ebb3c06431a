"""Bounces without fields for machines: which address failed, where its reason is looked for, and how much is read."""

import pytest

from digest.feedback.pure.classification import Recipient, classify_mail
from digest.feedback.pure.free_text import failed_addresses, has_bounce_opening, passage_about
from digest.feedback.pure.mail_parts import parse_mail
from digest.feedback.pure.report_fields import find_addresses, parse_abuse_report, parse_delivery_status

ANN, BOB = "ann@far.example", "bob@far.example"


def daemon(body: str, *fields: str) -> bytes:
    return "\n".join(["From: MAILER-DAEMON@mx.example", *fields, "", body, ""]).encode()


def recipients(body: str, *fields: str) -> dict[str, Recipient]:
    return {each.address: each for each in classify_mail(daemon(body, *fields)).recipients}


def test_what_the_passage_leaves_open_is_read_from_the_whole_mail_if_one_address_failed() -> None:
    far_below = ("word " * 30 + "\n") * 11 + "user unknown"
    assert recipients(f"To {ANN}:\nsystem error\n{far_below}")[ANN].reason == "nouser"
    assert recipients(f"To {ANN}:\nsomething went wrong\n{far_below}")[ANN].reason == "nouser"
    both = recipients(f"To {ANN}:\nsystem error\nTo {BOB}:\nsystem error\n{far_below}")
    assert {each.reason for each in both.values()} == {"system"}  # it may be about the other one


def test_a_vague_reason_is_better_than_none_and_a_clear_one_is_kept() -> None:
    found = recipients(f"Rejected by policy.\nTo {ANN}:\nsomething went wrong\n")
    assert found[ANN].reason == "policy"
    found = recipients(f"system error here\nTo {ANN}:\nrejected by policy\n")
    assert found[ANN].reason == "policy"
    found = recipients(f"user unknown in general\nTo {ANN}:\nmailbox full\n")
    assert found[ANN].reason == "mailboxfull"


def test_the_subject_may_give_the_reason() -> None:
    assert recipients(f"To {ANN}:\nnothing more\n", "Subject: user unknown")[ANN].reason == "nouser"


def test_the_passage_about_an_address_is_quoted() -> None:
    found = recipients(f"Something else at first.\nTo {ANN}:\nmailbox full\n")[ANN]
    assert found.diagnostic == f"To {ANN}: mailbox full"


def addresses(body: str, *fields: str) -> list[str]:
    return failed_addresses(parse_mail(daemon(body, *fields)))


def test_mail_systems_and_those_who_got_the_bounce_have_not_failed_unless_nobody_else_did() -> None:
    assert addresses(f"failed recipient: {ANN}\nfailed recipient: postmaster@far.example\n") == [ANN]
    assert addresses(f"failed recipient: {ANN}\nfailed recipient: {BOB}\n", f"To: {BOB}") == [ANN]
    assert addresses(f"failed recipient: {BOB}\n", f"To: {BOB}") == [BOB]


def test_a_line_of_a_thousand_characters_or_one_about_something_else_names_nobody() -> None:
    named = f"failed recipient: {ANN} "
    assert addresses(named + "x" * (999 - len(named))) == [ANN]
    assert addresses(named + "x" * (1000 - len(named))) == []


def test_fifty_addresses_of_a_mail_are_examined() -> None:
    lines = "".join(f"failed recipient: a{n}@far.example\n" for n in range(60))
    assert addresses(lines) == [f"a{n}@far.example" for n in range(50)]


def test_the_opening_of_a_bounce_is_in_its_first_two_thousand_characters() -> None:
    opening = "returned mail"
    assert has_bounce_opening(parse_mail(daemon("x" * (1999 - len(opening)) + f" {opening}")))
    assert not has_bounce_opening(parse_mail(daemon("x" * (2000 - len(opening)) + f" {opening}")))
    assert not has_bounce_opening(parse_mail(daemon(opening, "Subject: Re: your mail")))


def test_a_passage_has_fifteen_hundred_characters_of_the_first_forty_thousand() -> None:
    assert len(passage_about(f"{ANN} " + "x" * 3000, ANN)) == 1500
    room = " " * (40_000 - len(ANN))
    assert passage_about(f"{room}{ANN}", ANN) != ""
    assert passage_about(f"{room} {ANN}", ANN) == ""
    assert passage_about(f"{BOB}\n{ANN} no", ANN, [BOB]) == f"{ANN} no"  # the other one stands before it


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<'ann@far.example'>", [ANN]),
        ("*ann@far.example*- and ann@far.example", [ANN]),
        ('"ann lee"@far.example', ['"ann lee"@far.example']),
        ("to ann@far.example.", [ANN]),
        ("nobody at all", []),
    ],
)
def test_addresses_are_found_without_what_surrounds_them(text: str, found: list[str]) -> None:
    assert find_addresses(text) == found


def test_fifty_recipients_of_a_report_and_four_thousand_characters_of_a_field_are_read() -> None:
    groups = [f"Final-Recipient: rfc822; a{n}@far.example\nAction: failed" for n in range(60)]
    statuses = parse_delivery_status("\n\n".join(groups))
    assert [status.address for status in statuses] == [f"a{n}@far.example" for n in range(50)]
    (long,) = parse_delivery_status(f"Final-Recipient: rfc822; {ANN}\nX-Note: {'x' * 5000}")
    assert len(long.fields["x-note"]) == 4000
    folded = f"Final-Recipient: rfc822; {ANN}\nX-Note: a\n" + f" {'x' * 1999}\n" * 4
    (long,) = parse_delivery_status(folded)
    assert len(long.fields["x-note"]) == 4000
    reports = "".join(f"Original-Rcpt-To: a{n}@far.example\n" for n in range(60))
    assert len(parse_abuse_report(f"Feedback-Type: abuse\n{reports}").addresses) == 50


def test_a_block_that_names_a_recipient_among_other_fields_begins_a_group() -> None:
    text = (
        f"Final-Recipient: rfc822; {ANN}\nAction: failed\n\nAction: delayed\nFinal-Recipient: rfc822; {BOB}"
    )
    assert [(each.address, each.action) for each in parse_delivery_status(text)] == [
        (ANN, "failed"),
        (BOB, "delayed"),
    ]


def test_two_hundred_thousand_characters_are_searched_for_our_tokens_and_three_attached_mails_for_reports() -> (
    None
):
    long = classify_mail(b"From: ann@far.example\n\n" + (b"x" * 999 + b"\n") * 250)
    assert len(long.searchable_text) == 200_000

    def nested(count: int) -> int:
        one = (
            "--b\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@mx.example\n"
            "Content-Type: multipart/report; boundary=c{n}\n\n--c{n}\n\nFailed.\n--c{n}\n"
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
            "Final-Recipient: rfc822; a{n}@far.example\nAction: failed\nStatus: 5.1.1\n--c{n}--\n"
        )
        body = "".join(one.replace("{n}", str(n)) for n in range(count))
        raw = f"From: MAILER-DAEMON@gw.example\nContent-Type: multipart/mixed; boundary=b\n\n{body}--b--\n"
        return len(classify_mail(raw.encode()).recipients)

    assert [nested(count) for count in (1, 3, 5)] == [1, 3, 3]
