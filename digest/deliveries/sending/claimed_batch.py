"""What one sender has claimed: how it stands, what becomes of it, and giving it back."""

import random
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from digest.database import Database
from digest.deliveries.pure.leases import RENEWALS
from digest.deliveries.pure.retry import Tried, verdict
from digest.deliveries.sending.sending_context import Post
from digest.deliveries.store import claims as store
from digest.deliveries.store import windows as history
from digest.deliveries.store.claims import Answer, Claimed, Standing
from digest.mail.pure.outcomes import Outcome


class Hand:
    """The deliveries in hand. A late answer of a claim that was lost changes nothing."""

    def __init__(self, db: Database, post: Post) -> None:
        self._db, self._post, self._line = db, post, db.line()
        self._holder = secrets.token_hex(8)
        self._claimed: dict[int, Claimed] = {}
        self._decided: list[Answer] = []
        self._renew_at = 0.0

    def __len__(self) -> int:
        return len(self._claimed)

    def claim(self, limit: int, *, but_of: Collection[int] = ()) -> Sequence[Claimed]:
        """Take what is due, but nothing of some editions."""
        now, ticks, lease = self._post.clock(), self._post.ticks(), self._post.lease
        lapsed = self._post.steps.steady(now, ticks, lease)
        with self._db.begin() as tx:
            claimed = store.claim(
                tx, self._holder, now, lease=lease, limit=limit, lapsed=lapsed, but_of=but_of
            )
        if not self._claimed:
            self._renew_at = ticks + lease.total_seconds() / RENEWALS
        self._claimed |= {delivery.id: delivery for delivery in claimed}
        return claimed

    def standing(self) -> Mapping[int, Standing]:
        """How what we have stands now; what is no longer ours is forgotten. Leases that run down are renewed."""
        if not self._claimed:
            return {}
        if self._post.ticks() >= self._renew_at:
            with self._db.begin() as tx:
                store.renew(tx, self._holder, list(self._claimed), self._post.clock() + self._post.lease)
            self._renew_at = self._post.ticks() + self._post.lease.total_seconds() / RENEWALS
        with self._db.read() as tx:
            found = store.standing(tx, self._holder, list(self._claimed))
        self._claimed = {key: delivery for key, delivery in self._claimed.items() if key in found}
        return found

    @property
    def ids(self) -> Collection[int]:
        """What we have and has not been decided."""
        return self._claimed.keys()

    def decide(self, delivery: Claimed, outcome: Outcome) -> None:
        """Judge a delivery by the mail server's answer, or what stands for one; `flush` writes it down."""
        self._settle(_judged(delivery, outcome, self._post.clock()))

    def skip(self, delivery: Claimed, reason: str) -> None:
        """Leave a delivery out for good; `flush` writes it down."""
        now = self._post.clock()
        attempts = delivery.attempts - 1
        self._settle(Answer(delivery.id, "skipped", reason, now, now, delivery.in_doubt, attempts))

    def give_back(self, delivery: Claimed, not_before: datetime, reason: str) -> None:
        """Let others have it, and count no attempt; `flush` writes it down."""
        self._settle(_returned(delivery, not_before, reason))

    def flush(self) -> None:
        """Write down what was decided; when it returns, that is safe. When it raises, the next one writes it too."""
        if not self._decided:
            return
        not_had = [answer.id for answer in self._decided if answer.state in history.NOT_HAD]
        with self._line.begin() as tx:
            store.keep_answers(tx, self._holder, self._decided)
            history.give_back(tx, not_had)
        self._decided = []

    def give_all_back(self, not_before: datetime, reason: str) -> None:
        """Let others have everything that is undecided; the end of this hand."""
        for delivery in tuple(self._claimed.values()):
            self.give_back(delivery, not_before, reason)
        self.flush()
        self._line.close()

    def _settle(self, answer: Answer) -> None:
        self._claimed.pop(answer.id, None)
        self._decided.append(answer)


def _judged(delivery: Claimed, outcome: Outcome, now: datetime) -> Answer:
    tried = Tried(delivery.attempts, delivery.in_doubt, delivery.planned_at)
    decided = verdict(outcome, tried, now, jitter=random.random())  # noqa: S311  (spreads load, no secret)
    return Answer(
        id=delivery.id,
        state=decided.state,
        answer=outcome.answer,
        not_before=decided.not_before,
        finished_at=now if decided.final else None,
        in_doubt=decided.in_doubt,
        attempts=delivery.attempts,
    )


def _returned(delivery: Claimed, not_before: datetime, reason: str) -> Answer:
    return Answer(
        id=delivery.id,
        state="planned",
        answer=reason,
        not_before=not_before,
        finished_at=None,
        in_doubt=delivery.in_doubt,
        attempts=delivery.attempts - 1,
    )
