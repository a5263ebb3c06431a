"""The queue of outgoing mails: the source they come from, and the mails taken from it that have to wait."""

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence

from digest.mail.pure.pacing import DomainRates
from digest.mail.pure.session import Mail

POLL_INTERVAL = 0.02  # seconds until a source that had nothing just now is asked again
MAX_RATE_LIMITED = 200  # mails that may wait for the rate limit of their domain

MaySend = Callable[[Mail], bool]


def always_send(_mail: Mail) -> bool:
    """True: a `MaySend` for mails that are never cancelled."""
    return True


class OutgoingQueue:
    """Mails from `source`, no faster than the rate of each domain. The source yields None while it has none yet."""

    def __init__(
        self, source: Iterator[Mail | None], rates: DomainRates, may_send: MaySend = always_send
    ) -> None:
        self._source, self._rates, self._may_send = source, rates, may_send
        self._exhausted = False  # the source has ended
        self._next_poll_at = 0.0
        self._waiting: deque[Mail] = deque()  # for a connection
        self._rate_limited: deque[Mail] = deque()  # for the rate limit of their domain

    @property
    def empty(self) -> bool:
        """Whether no mail is left, and none will come."""
        return self._exhausted and not self._waiting and not self._rate_limited

    @property
    def waiting(self) -> Collection[Mail]:
        """The mails that wait for a connection."""
        return self._waiting

    def needs_polling(self, now: float) -> bool:
        """Whether a mail may become ready soon, without an event from a server."""
        return bool(self._rate_limited or self._waiting or (not self._exhausted and self._next_poll_at > now))

    def take_next(self, now: float) -> Mail | None:
        """The next mail that may be sent now; mails that had to wait come first. None when there is none."""
        for _ in range(len(self._rate_limited)):
            mail = self._rate_limited.popleft()
            if self._rates.take(mail.recipient, now):
                return mail
            self._rate_limited.append(mail)
        return self._waiting.popleft() if self._waiting else self._pull(now)

    def has_next(self, now: float) -> bool:
        """Whether a mail waits for a connection. If none does, takes one that its domain's rate allows."""
        if not self._waiting and (mail := self.take_next(now)) is not None:
            self._waiting.append(mail)
        return bool(self._waiting)

    def ask_source(self) -> None:
        """Take the next mail from the source, though others may wait. Raises what the source raises."""
        if not self._exhausted and (mail := next(self._source, None)) is not None:
            self._rate_limited.append(mail)

    def put_back(self, mail: Mail) -> None:
        """Put a mail at the front of those that wait for a connection."""
        self._waiting.appendleft(mail)

    def requeue(self, mail: Mail) -> None:
        """Put a mail at the end of those that wait for a connection."""
        self._waiting.append(mail)

    def remove_by_key(self, keys: Collection[Hashable]) -> Sequence[Mail]:
        """Remove and return the mails that wait for a connection and have one of these keys."""
        removed = [mail for mail in self._waiting if mail.key in keys]
        self._waiting = deque(mail for mail in self._waiting if mail.key not in keys)
        return removed

    def drop_cancelled(self) -> None:
        """Drop the waiting mails that may not be sent any more."""
        self._waiting = deque(mail for mail in self._waiting if self._may_send(mail))
        self._rate_limited = deque(mail for mail in self._rate_limited if self._may_send(mail))

    def close(self) -> None:
        """Drop all waiting mails, and take no more from the source."""
        self._exhausted = True
        self._waiting.clear()
        self._rate_limited.clear()

    def _pull(self, now: float) -> Mail | None:
        """The next mail of the source that may be sent now."""
        while (
            not self._exhausted and now >= self._next_poll_at and len(self._rate_limited) < MAX_RATE_LIMITED
        ):
            try:
                mail = next(self._source)
            except StopIteration:
                self._exhausted = True
                self.drop_cancelled()
                return None
            if mail is None:
                self._next_poll_at = now + POLL_INTERVAL
                return None
            if self._rates.take(mail.recipient, now):
                return mail
            self._rate_limited.append(mail)
        return None
