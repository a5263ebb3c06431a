"""How fast, and when not at all: rates, connections that a server bears, and leaving one alone that is in trouble.

Times are seconds of a clock that only runs forward.
"""

from collections import deque
from collections.abc import Mapping

# Mails a second to the readers at one of these: KumoMTA's published default for any destination is 100
# (assets/policy-extras/shaping.toml, max_message_rate). Other domains are left to the mail server; the setting
# DOMAIN_RATES adds or changes any.
PER_DOMAIN: Mapping[str, int] = dict.fromkeys(
    (
        "gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "aol.com", "outlook.com", "hotmail.com", "live.com",
        "msn.com", "icloud.com", "me.com", "mac.com", "comcast.net", "orange.fr", "wanadoo.fr", "gmx.de", "gmx.net",
        "web.de", "mail.ru", "bk.ru", "list.ru", "inbox.ru", "yandex.ru", "qq.com", "163.com", "126.com", "naver.com",
    ),
    100,
)  # fmt: skip
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds before a server that failed is tried again: 1, 2, 4 …
BROKEN = 5  # connections in a row that break under their first mail
BURST = 40  # answers looked at: a server that defers nearly all of them is asked for nothing for a while
TOO_MANY = 0.9  # share of them deferred. Greylisting defers many once; a limit or a full disk defers all
BREAK = 30.0  # seconds of the first such pause; doubled each time, up to LONGEST_PAUSE
# Accepted mails after which a server that was too busy is given one connection more, and longer ones: that it was
# restarted in between is not what it bears.
EASE = 200


class Bucket:
    """At most `rate` a second, and a second's worth at once."""

    def __init__(self, rate: float) -> None:
        self._rate, self._level, self._at = rate, max(rate, 1.0), 0.0

    def take(self, now: float) -> bool:
        """Whether one may go now; counts it if so."""
        self._level = min(max(self._rate, 1.0), self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Rates:
    """One bucket for each domain that has a limit."""

    def __init__(self, per_domain: Mapping[str, int], senders: int = 1) -> None:
        self._buckets = {
            domain: Bucket(max(rate / senders, 0.1)) for domain, rate in per_domain.items() if rate
        }

    def take(self, recipient: str, now: float) -> bool:
        """Whether a mail to this address may go now; counts it if so."""
        bucket = self._buckets.get(recipient.rpartition("@")[2].lower())
        return bucket is None or bucket.take(now)


class Health:
    """What is known of one server: when it may be tried again, and how much it bears."""

    def __init__(self, connections: int, per_connection: int) -> None:
        self.connections, self.per_connection = connections, per_connection
        self.not_before = 0.0
        self.trouble = ""
        self._most, self._longest = connections, per_connection
        self._failures = self._breaks = self._accepted = self._broken = 0
        self._answers: deque[bool] = deque(maxlen=BURST)  # whether each of the last was "not now"
        self._deferred = 0  # of them

    def usable(self, now: float) -> bool:
        """Whether it may be asked now."""
        return now >= self.not_before

    def failed(self, why: str, now: float) -> None:
        """It could not be reached, or let us not in."""
        self.trouble = why
        self.not_before = now + min(FIRST_PAUSE * 2 ** min(self._failures, 20), LONGEST_PAUSE)
        self._failures += 1

    def broke(self, why: str, now: float) -> None:
        """A connection broke before it carried anything. One may be a message's fault; several in a row are not."""
        self._broken += 1
        if self._broken >= BROKEN:
            self.failed(why, now)

    def opened(self) -> None:
        """A connection stands."""
        self._failures = 0

    def crowded(self, carried: int, open_now: int) -> None:
        """It ended a connection by 421. One that had carried some mails had its fill; a fresh one is one too many."""
        if carried > 1:
            self.per_connection = min(self.per_connection, carried)
        else:
            self.connections = max(1, min(self.connections, open_now) // 2)

    def answered(self, *, accepted: bool, deferred: bool, now: float) -> None:
        """An answer to a message; many of "not now" in a row open the circuit."""
        self._deferred += deferred - (self._answers[0] if len(self._answers) == BURST else False)
        self._answers.append(deferred)
        self._broken = 0
        if accepted:
            self._accepted += 1
            self._breaks = 0
            if self._accepted % EASE == 0:
                self.connections = min(self._most, self.connections + 1)
                self.per_connection = min(self._longest, self.per_connection * 5 // 4 + 1)
        if len(self._answers) == BURST and self._deferred >= BURST * TOO_MANY:
            self.trouble = f"it deferred {self._deferred} of the last {BURST} mails"
            self.not_before = now + min(BREAK * 2 ** min(self._breaks, 10), LONGEST_PAUSE)
            self._breaks += 1
            self._answers.clear()
            self._deferred = 0
