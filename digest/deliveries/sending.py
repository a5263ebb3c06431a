"""Sends what is planned: claims chunk after chunk, hands mails to the relay as it takes them, keeps every answer.

An answer is in the database before the connection that brought it carries another message (see `mail.relay`), so a
worker that is killed leaves at most one message a connection of which nobody knows; it is sent again, the same message.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial

from digest.database import Database
from digest.deliveries import letters, stopping
from digest.deliveries.holding import Hand
from digest.deliveries.letters import OwedLetter
from digest.deliveries.post import Post as Post
from digest.deliveries.preparing import Content
from digest.deliveries.queueing import Queues
from digest.deliveries.store import Claimed
from digest.errors import UnavailableError
from digest.mail.outcomes import Deferred, Outcome, Refused
from digest.mail.relay import Kept
from digest.mail.session import Mail

log = logging.getLogger(__name__)
CHUNK = 500  # deliveries claimed at once
LOOK = 1.0  # seconds between two looks at what was paused, cancelled, taken over or left meanwhile
RELAY_DOWN = timedelta(minutes=1)  # until the next try when nobody answers at all
DATABASE_DOWN = (
    300.0  # seconds that answers wait for a database that is away, before their mails are repeated
)
SUSPICIOUS = 20  # refusals of an edition that one sender sees, from which on it asks whether to stop it


def send_due(db: Database, post: Post, *, go_on: Callable[[], bool] = lambda: True) -> int:
    """Send letters and deliveries until nothing is due, or `go_on` says no; returns how many were claimed.

    What was claimed and not sent goes back at once, whatever ends it.
    """
    run = Run(db, post, go_on)
    try:
        post.relay.carry(run.mails(), run.keep)
    except UnavailableError as error:
        log.warning("%s; %d mails wait", error, run.waiting)
        run.end(str(error), RELAY_DOWN)
        return run.claimed
    except BaseException:
        run.end("given back: the sender failed", RELAY_DOWN)
        raise
    run.end("given back")
    return run.claimed


class Run:
    """One sender at work."""

    def __init__(self, db: Database, post: Post, go_on: Callable[[], bool]) -> None:
        self._db, self._post, self._go_on = db, post, go_on
        self._hand = Hand(db, post)
        self._queues = Queues(post.senders)
        self._letters: dict[int, OwedLetter] = {}
        self._contents: dict[int, Content] = {}  # by digest
        self._refused: dict[int, int] = {}
        self._look_at = self._claim_at = 0.0
        self.claimed = 0

    @property
    def waiting(self) -> int:
        """How many mails are claimed and have no answer."""
        return len(self._hand) + len(self._letters)

    def mails(self) -> Iterator[Mail | None]:
        """Mail after mail, letters first; None when there is nothing just now, the end when nothing is due."""
        while self._go_on():
            if self._post.ticks() >= self._look_at:
                yield from self._patiently(self._look)
                yield from self._owed()
            delivery = self._queues.next(self._post.ticks())
            if delivery is not None:
                if (mail := self._prepared(delivery)) is not None:
                    yield mail
                continue
            if self._post.ticks() >= self._claim_at:
                before = self.claimed
                yield from self._patiently(self._claim)
                if self.claimed > before:
                    continue
                if not self._queues:
                    return
            yield None  # what is left must wait for its edition's pace

    def keep(self, done: Sequence[Kept]) -> None:
        """Write down what was answered; when it returns, that is safe."""
        deliveries: list[tuple[Claimed, Outcome]] = []
        for mail, outcome in done:
            if isinstance(mail.key, Claimed):
                deliveries.append((mail.key, outcome))
                if isinstance(outcome, Refused):
                    edition_id = mail.key.edition_id
                    self._refused[edition_id] = self._refused.get(edition_id, 0) + 1
            elif isinstance(mail.key, OwedLetter):
                self._insist(partial(letters.keep, self._db, self._post, mail.key, outcome))
                self._letters.pop(mail.key.letter.id, None)
        if deliveries:
            self._insist(partial(self._hand.answered, deliveries))

    def end(self, reason: str, wait: timedelta = timedelta(0)) -> None:
        """Let others have what was not sent, after `wait`."""
        not_before = self._post.clock() + wait
        self._hand.give_all_back(not_before, reason)
        for owed in self._letters.values():
            letters.give_back(self._db, owed, not_before, reason)
        self._stop_failing(1)

    def _look(self) -> None:
        """Let go of what must not be sent any more, and see whether letters are owed."""
        found = self._hand.standing()
        self._queues.paced({standing.edition_id: standing.rate for standing in found.values()})
        held = []
        for delivery in self._queues.sift({key for key, standing in found.items() if standing.may_go}):
            standing = found.get(delivery.id)
            if standing and standing.edition_state == "sending":
                self._hand.skip(delivery, f"the reader is {standing.reader_state}")
            elif standing:
                held.append(delivery)
        self._hand.give_back(held, self._post.clock(), "given back: the edition is held")
        self._letters |= {owed.letter.id: owed for owed in letters.owed(self._db, self._post)}
        self._stop_failing(SUSPICIOUS)
        self._look_at = self._post.ticks() + LOOK

    def _owed(self) -> Iterator[Mail]:
        for owed in tuple(self._letters.values()):
            if not owed.begun:
                mail = letters.prepared(self._db, self._post, owed)
                if mail is None:
                    del self._letters[owed.letter.id]
                else:
                    yield mail

    def _claim(self) -> None:
        claimed = self._hand.claim(CHUNK)
        if not claimed:
            self._claim_at = self._post.ticks() + LOOK
            return
        self.claimed += len(claimed)
        if not self._queues:
            self._contents.clear()
        content = self._post.preparer.load(self._db, claimed)
        self._contents |= dict.fromkeys(content.digests, content)
        self._queues.paced(content.rates)
        self._queues.add(claimed)

    def _prepared(self, delivery: Claimed) -> Mail | None:
        if delivery.state not in ("active", None):  # left, paused or suppressed since it was planned
            self._hand.skip(delivery, f"the reader is {delivery.state}")
            return None
        try:
            content = self._contents[delivery.digest_id]
            mail = self._post.preparer.mail(delivery, content, self._post.clock())
        except Exception as error:
            # One digest that can't be rendered must neither stop the others nor forget what was accepted before it.
            # It is tried again like a deferred one, until it is stale: by then somebody has read the log.
            log.exception("delivery %d failed", delivery.id)
            self._hand.decide(delivery, Deferred(f"not sent: {type(error).__name__}: {error}"))
            return None
        if mail is None:
            self._hand.skip(delivery, "all of its stories were hidden")
        return mail

    def _stop_failing(self, enough: int) -> None:
        for edition_id, refused in self._refused.items():
            if refused >= enough:
                stopping.stop_if_failing(self._db, edition_id, self._post.clock())

    def _patiently(self, do: Callable[[], None]) -> Iterator[None]:
        """Do it; while the database is away, try again each second, and let the mail server's answers be heard."""
        until = self._post.ticks() + DATABASE_DOWN
        while True:
            try:
                do()
            except UnavailableError as error:
                if not self._go_on() or self._post.ticks() > until:
                    raise
                log.warning("%s; the sender waits", error)
            else:
                return
            again = self._post.ticks() + LOOK
            while self._post.ticks() < again:
                yield None

    def _insist(self, do: Callable[[], None]) -> None:
        """Do it; while the database is away, wait: nothing more is sent before it is written down."""
        until = time.monotonic() + DATABASE_DOWN
        while True:
            try:
                do()
            except UnavailableError as error:
                if time.monotonic() > until:
                    raise
                log.warning("%s; answers of the mail server wait to be written down", error)
                time.sleep(LOOK)
            else:
                return
