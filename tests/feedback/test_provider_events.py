"""What the events of mail providers mean: each kind, and how much of one event is read."""

import pytest

from digest.feedback.pure import provider_events as events
from digest.feedback.pure.classification import ParsedKind


def ses(kind: str, field: str, **values: object) -> dict[str, object]:
    return {"notificationType": kind, field: values}


@pytest.mark.parametrize(("bounce_type", "hard"), [("Permanent", True), ("Transient", False), ("", False)])
def test_a_permanent_bounce_of_ses_is_hard_if_its_words_say_nothing_else(
    bounce_type: str, hard: bool
) -> None:
    recipients = [{"emailAddress": "a@x.example"}, {"emailAddress": "b@x.example", "status": "4.2.2"}]
    unknown, full = events.parse_ses(
        ses("Bounce", "bounce", bounceType=bounce_type, bouncedRecipients=recipients)
    )
    assert [unknown.recipients[0].hard, full.recipients[0].hard] == [hard, False]


def test_a_complaint_of_ses_has_its_type_or_is_abuse() -> None:
    people = [{"emailAddress": "a@x.example"}]
    for given, expected in (("fraud", "fraud"), ("", "abuse")):
        event = ses("Complaint", "complaint", complaintFeedbackType=given, complainedRecipients=people)
        (found,) = events.parse_ses(event)
        assert (found.kind, found.complaint_type) == (ParsedKind.COMPLAINT, expected)
    assert events.parse_ses(ses("Delivery", "delivery")) == []


def test_so_much_of_an_event_is_read() -> None:
    many = [{"emailAddress": "a@x.example"}] * 1001
    assert len(events.parse_ses(ses("Complaint", "complaint", complainedRecipients=many))) == 1000
    (found,) = events.parse_mailgun({"event": "complained", "recipient": "x" * 2001})
    assert found.recipients[0].address == "x" * 2000


@pytest.mark.parametrize(
    ("event", "kinds"),
    [
        ({"RecordType": "SubscriptionChange", "SuppressSending": True}, [ParsedKind.UNSUBSCRIBE]),
        ({"RecordType": "SubscriptionChange", "SuppressSending": False}, []),
        (
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "SuppressionReason": "HardBounce"},
            [],
        ),
        ({"RecordType": "Delivery", "SuppressSending": True}, []),
        ({"RecordType": "Bounce", "Type": "SpamComplaint"}, [ParsedKind.COMPLAINT]),
        ({"RecordType": "Bounce", "Type": "AutoResponder"}, []),
        ({"RecordType": "Bounce", "Type": "HardBounce"}, [ParsedKind.BOUNCE]),
    ],
)
def test_events_of_postmark(event: dict[str, object], kinds: list[ParsedKind]) -> None:
    assert [found.kind for found in events.parse_postmark(event)] == kinds


@pytest.mark.parametrize(
    ("kind", "kinds"),
    [
        ("failed", [ParsedKind.BOUNCE]),
        ("complained", [ParsedKind.COMPLAINT]),
        ("unsubscribed", [ParsedKind.UNSUBSCRIBE]),
        ("opened", []),
    ],
)
def test_events_of_mailgun(kind: str, kinds: list[ParsedKind]) -> None:
    assert [
        found.kind for found in events.parse_mailgun({"event": kind, "recipient": "a@x.example"})
    ] == kinds
