"""A refusal names the command that was answered: whose fault it is depends on that."""

import pytest

from digest.mail.pure.outcomes import Refused
from digest.mail.pure.replies import Reply
from digest.mail.pure.session import ServerExtensions, SmtpSession
from tests.mail.test_session import GO, OK, mail

NO = Reply(550, ("5.7.1 no",))


@pytest.mark.parametrize(
    ("replies", "command"),
    [
        ((NO, Reply(503, ("no sender",)), Reply(503, ("no recipient",))), "MAIL FROM"),
        ((OK, NO, Reply(503, ("no recipient",))), "RCPT TO"),
        ((OK, OK, NO), "DATA"),
        ((OK, OK, GO, NO), "end of DATA"),
    ],
)
@pytest.mark.parametrize("pipelining", [True, False])
def test_a_refusal_names_the_command_that_was_answered(
    replies: tuple[Reply, ...], command: str, pipelining: bool
) -> None:
    session = SmtpSession(ServerExtensions(pipelining=pipelining), max_messages=1)
    session.send_envelope(mail("ann"))
    for reply in replies[:3]:
        if session.outcomes:
            break  # without pipelining, nothing follows a refusal
        session.handle_reply(reply)
    if session.can_send_body:
        session.send_body()
        session.handle_reply(replies[-1])
    assert [outcome for _, outcome in session.outcomes] == [Refused(f"550 5.7.1 no (in reply to {command})")]
