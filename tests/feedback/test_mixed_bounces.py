"""A bounce about one delivery that names several addresses: the address is dead only if all of them are."""

import pytest

from tests.builders import World
from tests.feedback.conftest import FeedbackScenario, bounce

FULL = """Final-Recipient: rfc822; full@far.example
Action: failed
Status: 4.2.2
Diagnostic-Code: smtp; 452 4.2.2 mailbox full
"""
UNKNOWN = """Final-Recipient: rfc822; gone@far.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
"""
FIRST_RECIPIENT = UNKNOWN.replace("gone@", "x@").encode()


@pytest.mark.parametrize(
    ("recipients", "state"),
    [
        ((UNKNOWN, FULL), "active"),
        ((FULL, UNKNOWN), "active"),
        ((FULL,), "active"),
        ((UNKNOWN, UNKNOWN.replace("gone", "gone.too")), "suppressed"),
    ],
)
def test_a_bounce_suppresses_only_if_no_recipient_in_it_may_still_get_mail(
    scenario: FeedbackScenario, world: World, recipients: tuple[str, ...], state: str
) -> None:
    subscriber = world.subscriber("list@far.example")
    raw = bounce(scenario.return_path(scenario.delivery(subscriber)), "x@far.example")
    assert FIRST_RECIPIENT in raw
    scenario.receive(raw.replace(FIRST_RECIPIENT, "\n".join(recipients).encode()))
    assert scenario.reload(subscriber).state == state
    assert len(scenario.feedback_rows(subscriber)) == 1
