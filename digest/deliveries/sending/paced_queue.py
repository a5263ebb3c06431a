"""The queue of claimed deliveries: in order, edition by edition, and no edition faster than its rate."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence

from digest.deliveries.store.claims import ClaimedDelivery
from digest.mail.pure.pacing import TokenBucket


class PacedQueue:
    """Claimed deliveries that wait to be sent."""

    def __init__(self, sender_count: int) -> None:
        self._sender_count = sender_count
        self._queues: dict[int, deque[ClaimedDelivery]] = {}  # by edition, like the next two
        self._rates: dict[int, int] = {}
        self._buckets: dict[int, TokenBucket] = {}

    def __bool__(self) -> bool:
        return any(self._queues.values())

    @property
    def edition_ids(self) -> Collection[int]:
        """The editions that have a waiting delivery."""
        return [edition_id for edition_id, queue in self._queues.items() if queue]

    def add(self, claimed: Iterable[ClaimedDelivery]) -> None:
        """Append deliveries."""
        for delivery in claimed:
            self._queues.setdefault(delivery.edition_id, deque()).append(delivery)

    def set_rates(self, rates: Mapping[int, int]) -> None:
        """Set the rates of editions, in mails a second for all senders together; 0 is no limit."""
        for edition_id, rate in rates.items():
            if self._rates.get(edition_id, 0) != rate:
                self._rates[edition_id] = rate
                self._buckets.pop(edition_id, None)
                if rate:
                    self._buckets[edition_id] = TokenBucket(rate / self._sender_count)

    def remove_except(self, keep_ids: Collection[int]) -> Sequence[ClaimedDelivery]:
        """Remove and return the deliveries whose ids are not in `keep_ids`."""
        removed = []
        for edition_id, queue in self._queues.items():
            removed += [delivery for delivery in queue if delivery.id not in keep_ids]
            self._queues[edition_id] = deque(delivery for delivery in queue if delivery.id in keep_ids)
        return removed

    def take_next(self, monotonic_now: float) -> ClaimedDelivery | None:
        """Remove and return the next delivery that may be sent now; None when all must wait."""
        for edition_id, queue in self._queues.items():
            bucket = self._buckets.get(edition_id)
            if queue and (bucket is None or bucket.take(monotonic_now)):
                return queue.popleft()
        return None
