"""Which of the claimed deliveries is next: in order, edition by edition, and no edition faster than its pace."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence

from digest.deliveries.store.claims import Claimed
from digest.mail.pure.pacing import Bucket


class Queues:
    """Claimed deliveries that wait to be sent."""

    def __init__(self, senders: int) -> None:
        self._senders = senders
        self._queues: dict[int, deque[Claimed]] = {}
        self._rates: dict[int, int] = {}
        self._buckets: dict[int, Bucket] = {}

    def __bool__(self) -> bool:
        return any(self._queues.values())

    @property
    def editions(self) -> Collection[int]:
        """Those of which something waits."""
        return [edition_id for edition_id, queue in self._queues.items() if queue]

    def add(self, claimed: Iterable[Claimed]) -> None:
        """Put these behind what waits."""
        for delivery in claimed:
            self._queues.setdefault(delivery.edition_id, deque()).append(delivery)

    def paced(self, rates: Mapping[int, int]) -> None:
        """Take over the editions' paces, in mails a second for all senders together; 0 is none."""
        for edition_id, rate in rates.items():
            if self._rates.get(edition_id, 0) != rate:
                self._rates[edition_id] = rate
                self._buckets.pop(edition_id, None)
                if rate:
                    self._buckets[edition_id] = Bucket(rate / self._senders)

    def sift(self, may_go: Collection[int]) -> Sequence[Claimed]:
        """Take out those whose id is not among these, and return them."""
        out = []
        for edition_id, queue in self._queues.items():
            out += [delivery for delivery in queue if delivery.id not in may_go]
            self._queues[edition_id] = deque(delivery for delivery in queue if delivery.id in may_go)
        return out

    def next(self, ticks: float) -> Claimed | None:
        """The next that may go now."""
        for edition_id, queue in self._queues.items():
            bucket = self._buckets.get(edition_id)
            if queue and (bucket is None or bucket.take(ticks)):
                return queue.popleft()
        return None
