"""How fast mails are sent: rates, how many connections a server accepts, and pauses for a server that fails.

Times are seconds of a monotonic clock.
"""

from collections import deque
from collections.abc import Mapping

# Mails a second to addresses at one of these domains: KumoMTA's published default for any destination is 100
# (assets/policy-extras/shaping.toml, max_message_rate). Other domains have no limit here; the setting DOMAIN_RATES
# adds or changes limits.
DEFAULT_DOMAIN_RATES: Mapping[str, int] = dict.fromkeys(
    (
        "gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "aol.com", "outlook.com", "hotmail.com", "live.com",
        "msn.com", "icloud.com", "me.com", "mac.com", "comcast.net", "orange.fr", "wanadoo.fr", "gmx.de", "gmx.net",
        "web.de", "mail.ru", "bk.ru", "list.ru", "inbox.ru", "yandex.ru", "qq.com", "163.com", "126.com", "naver.com",
    ),
    100,
)  # fmt: skip
BURST = 0.25  # seconds; after a pause, the events of so long a time may come at once, and one more
MIN_PAUSE, MAX_PAUSE = 1.0, 300.0  # seconds before a server that failed is tried again: 1, 2, 4 …
MAX_BROKEN_CONNECTIONS = 5  # connections in a row that broke before their first answer
DEFERRAL_WINDOW = 40  # latest answers; a server that deferred nearly all of them gets a pause
MAX_DEFERRED_SHARE = 0.9  # greylisting defers many mails once; a limit or a full disk defers all
DEFERRAL_PAUSE = 30.0  # seconds of the first such pause; doubled each time, up to MAX_PAUSE
# Accepted mails after which reduced limits are raised again by one step, because a server may have closed
# connections only to restart.
RECOVERY_MESSAGES = 200


class TokenBucket:
    """Allows `rate` events a second. After a pause, one event and those of `BURST` seconds may come at once.

    So a low rate is used in full even if the bucket is asked only every quarter of a second. A new bucket allows just
    one event at once, so that a sender that starts again gains only one.
    """

    def __init__(self, rate: float) -> None:
        self._rate, self._capacity = rate, 1.0 + rate * BURST
        self._level, self._at = 1.0, float("inf")  # the first event is allowed at once

    def take(self, now: float) -> bool:
        """Whether an event is allowed now; counts it if so."""
        self._level = min(self._capacity, self._level + max(now - self._at, 0.0) * self._rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class DomainRates:
    """A token bucket for each domain that has a limit."""

    def __init__(self, per_domain: Mapping[str, int], share: float = 1.0) -> None:
        """`share` is the part of each rate that this sender may use."""
        self._buckets = {domain: TokenBucket(rate * share) for domain, rate in per_domain.items() if rate}

    def take(self, recipient: str, now: float) -> bool:
        """Whether a mail to this address may be sent now; counts it if so."""
        bucket = self._buckets.get(recipient.rpartition("@")[2].lower())
        return bucket is None or bucket.take(now)


class ServerHealth:
    """The state of one server: when it may be tried again, and how many connections and messages it accepts."""

    def __init__(self, max_connections: int, max_messages: int) -> None:
        self.max_connections, self.max_messages = max_connections, max_messages
        self.not_before = 0.0
        self.last_error = ""
        self._connections_limit, self._messages_limit = max_connections, max_messages
        self._failures = self._deferral_pauses = self._accepted = self._broken_in_row = 0
        self._answers: deque[bool] = deque(maxlen=DEFERRAL_WINDOW)  # whether each of the latest was deferred
        self._deferred = 0  # how many of them were

    def is_usable(self, now: float) -> bool:
        """Whether the server may be tried now."""
        return now >= self.not_before

    def record_failure(self, why: str, now: float) -> None:
        """Record that the server could not be reached, or refused the connection."""
        self.last_error = why
        self.not_before = now + min(MIN_PAUSE * 2 ** min(self._failures, 20), MAX_PAUSE)
        self._failures += 1

    def record_broken_connection(self, why: str, now: float) -> None:
        """Record that a connection broke before its first answer. A message may cause this once, but not repeatedly."""
        self._broken_in_row += 1
        if self._broken_in_row >= MAX_BROKEN_CONNECTIONS:
            self.record_failure(why, now)

    def record_connected(self) -> None:
        """Record that a connection was established."""
        self._failures = 0

    def reduce_limits(self, carried: int, open_now: int) -> None:
        """Accept less after a 421: fewer mails per connection if it had carried some, else fewer connections."""
        if carried > 1:
            self.max_messages = min(self.max_messages, carried)
        else:
            self.max_connections = max(1, min(self.max_connections, open_now) // 2)

    def record_answer(self, *, accepted: bool, deferred: bool, now: float) -> None:
        """Record the answer to a message. If nearly all of the latest ones were deferrals, the server gets a pause."""
        self._deferred += deferred - (self._answers[0] if len(self._answers) == DEFERRAL_WINDOW else False)
        self._answers.append(deferred)
        self._broken_in_row = 0
        if accepted:
            self._accepted += 1
            self._deferral_pauses = 0
            if self._accepted % RECOVERY_MESSAGES == 0:
                self.max_connections = min(self._connections_limit, self.max_connections + 1)
                self.max_messages = min(self._messages_limit, self.max_messages * 5 // 4 + 1)
        if len(self._answers) == DEFERRAL_WINDOW and self._deferred >= DEFERRAL_WINDOW * MAX_DEFERRED_SHARE:
            self.last_error = f"it deferred {self._deferred} of the last {DEFERRAL_WINDOW} mails"
            self.not_before = now + min(DEFERRAL_PAUSE * 2 ** min(self._deferral_pauses, 10), MAX_PAUSE)
            self._deferral_pauses += 1
            self._answers.clear()
            self._deferred = 0
