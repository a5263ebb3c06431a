"""A process that was stopped for a while asks its source of mails before it sends again."""

from collections.abc import Iterator

import pytest

from digest.mail.outcome_saver import MailOutcome
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.pure.session import Mail
from digest.mail.relay import MAX_STANDSTILL, SmtpRelay
from tests.smtp_sink import Behaviour, mail_sink


class NotAnyMoreError(Exception):
    """The source must not send any more."""


@pytest.mark.parametrize("seconds", [MAX_STANDSTILL + 1, 3600.0])
def test_after_a_standstill_no_message_is_begun_if_the_source_fails(seconds: float) -> None:
    now, saved = [0.0], list[MailOutcome]()

    def stop(_recipient: str) -> Behaviour:
        now[0] += seconds  # between the envelope and the reply that allows the message
        return "accept"

    def mails() -> Iterator[Mail | None]:
        yield Mail("one", "b@example.org", "a@example.com", b"Subject: x\r\n\r\nx\r\n")
        while now[0] < seconds:
            yield None
        raise NotAnyMoreError

    with mail_sink() as sink:
        sink.behaviour_for = stop
        relay = SmtpRelay(parse_smtp_url(sink.url), monotonic=lambda: now[0])
        with pytest.raises(NotAnyMoreError):
            relay.send_all(mails(), saved.extend)
        assert (sink.received, saved) == ([], [])


def test_after_a_standstill_sending_goes_on_if_the_source_has_no_objection() -> None:
    now, saved = [0.0], list[MailOutcome]()

    def stop(_recipient: str) -> Behaviour:
        now[0] += 60
        return "accept"

    with mail_sink() as sink:
        sink.behaviour_for = stop
        relay = SmtpRelay(parse_smtp_url(f"{sink.url}&connections=1"), monotonic=lambda: now[0])
        mails = [Mail(n, "b@example.org", f"r{n}@example.com", b"Subject: x\r\n\r\nx\r\n") for n in range(5)]
        relay.send_all(mails, saved.extend)
        relay.close()
        assert len(sink.received) == 5
    assert {mail.key for mail, _ in saved} == set(range(5))
