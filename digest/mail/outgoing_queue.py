"""The mails that are to go: from their source, and those that were taken from it and have to wait."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence

from digest.mail.pure.pacing import Rates
from digest.mail.pure.session import Mail

MOMENT = 0.02  # seconds until a source that had nothing just now is asked again
PARKED = 200  # mails at most that wait for their domain's turn

Still = Callable[[Mail], bool]


def always(_mail: Mail) -> bool:
    """Whether a mail may still go that nobody takes back."""
    return True


class Supply:
    """What `source` gives (None: nothing just now), no domain faster than its rate."""

    def __init__(self, source: Iterator[Mail | None], rates: Rates, still: Still = always) -> None:
        self._source, self._rates, self._still = source, rates, still
        self._dry = False
        self._ask_at = 0.0
        self._waiting: deque[Mail] = deque()  # for a connection
        self._parked: deque[Mail] = deque()  # until their domain may be written to

    @property
    def empty(self) -> bool:
        """Whether nothing is left, and nothing will come."""
        return self._dry and not self._waiting and not self._parked

    @property
    def waiting(self) -> Collection[Mail]:
        """Mails that could go at once."""
        return self._waiting

    def paused(self, now: float) -> bool:
        """Whether something may change in a moment, with nothing heard from a server."""
        return bool(self._parked or self._waiting or (not self._dry and self._ask_at > now))

    def next(self, now: float) -> Mail | None:
        """A mail that may go now; those that had to wait come first."""
        for _ in range(len(self._parked)):
            mail = self._parked.popleft()
            if self._rates.take(mail.recipient, now):
                return mail
            self._parked.append(mail)
        return self._waiting.popleft() if self._waiting else self._pull(now)

    def has_next(self, now: float) -> bool:
        """Whether a mail waits for a connection."""
        if not self._waiting and (mail := self._pull(now)) is not None:
            self._waiting.append(mail)
        return bool(self._waiting)

    def put_back(self, mail: Mail) -> None:
        """It goes first, when it can."""
        self._waiting.appendleft(mail)

    def again(self, mail: Mail) -> None:
        """It needs another connection."""
        self._waiting.append(mail)

    def take_out(self, which: Collection[object]) -> Sequence[Mail]:
        """Those that wait for a connection and have one of these keys."""
        out = [mail for mail in self._waiting if mail.key in which]
        self._waiting = deque(mail for mail in self._waiting if mail.key not in which)
        return out

    def forget(self) -> None:
        """Let go of what may not go any more."""
        self._waiting = deque(mail for mail in self._waiting if self._still(mail))
        self._parked = deque(mail for mail in self._parked if self._still(mail))

    def end(self) -> None:
        """Let go of everything: nothing more comes."""
        self._dry = True
        self._waiting.clear()
        self._parked.clear()

    def _pull(self, now: float) -> Mail | None:
        """The next of the source that may go now."""
        while not self._dry and now >= self._ask_at and len(self._parked) < PARKED:
            try:
                mail = next(self._source)
            except StopIteration:
                self._dry = True
                self.forget()
                return None
            if mail is None:
                self._ask_at = now + MOMENT
                return None
            if self._rates.take(mail.recipient, now):
                return mail
            self._parked.append(mail)
        return None
