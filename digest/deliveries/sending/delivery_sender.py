"""Sends what is planned: claims chunk after chunk, hands mails to the relay as it takes them, keeps every answer.

An answer is in the database before the connection that brought it carries another message (see `mail.relay`), so a
worker that is killed leaves at most one message a connection of which nobody knows; it is sent again, the same message.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial

from digest.database import Database
from digest.deliveries.messages.preparation import Content
from digest.deliveries.oversight import circuit_breaker
from digest.deliveries.sending import letter_queue
from digest.deliveries.sending.claimed_batch import Hand
from digest.deliveries.sending.letter_queue import OwedLetter
from digest.deliveries.sending.paced_queue import Queues
from digest.deliveries.sending.sending_context import Post as Post
from digest.deliveries.store.claims import Claimed, Standing
from digest.errors import UnavailableError
from digest.mail.pure.outcomes import Deferred, Refused
from digest.mail.pure.session import Mail
from digest.mail.relay import Kept

log = logging.getLogger(__name__)
CHUNK = 500  # deliveries claimed at once
LOOK = 1.0  # seconds between two looks at what was paused, cancelled, taken over or left meanwhile
RELAY_DOWN = timedelta(minutes=1)  # until the next try when nobody answers at all
DATABASE_DOWN = (
    300.0  # seconds that answers wait for a database that is away, before their mails are repeated
)
SUSPICIOUS = 20  # refusals of an edition that one sender sees, from which on it asks whether to stop it
MORE = 1.1  # times as many until it asks again: that counts all of the edition's deliveries


def send_due(db: Database, post: Post, *, go_on: Callable[[], bool] = lambda: True) -> int:
    """Send letters and deliveries until nothing is due, or `go_on` says no; returns how many deliveries were claimed.

    What was claimed and not sent goes back at once, whatever ends it.
    """
    return _carried(Run(db, post, go_on), post).claimed


def send_letters(db: Database, post: Post) -> int:
    """Send letters that are owed, 20 at a time, and no delivery; returns how many were claimed."""
    return _carried(Run(db, post, lambda: True, letters_alone=True), post).letters


def _carried(run: "Run", post: Post) -> "Run":
    try:
        post.relay.carry(run.mails(), run.keep, still=run.still)
    except UnavailableError as error:
        log.warning("%s; %d mails wait", error, run.waiting)
        run.end(str(error), RELAY_DOWN)
        return run
    except BaseException:
        run.end("given back: the sender failed", RELAY_DOWN)
        raise
    run.end("given back")
    return run


class Run:
    """One sender at work."""

    def __init__(
        self, db: Database, post: Post, go_on: Callable[[], bool], *, letters_alone: bool = False
    ) -> None:
        self._db, self._post, self._go_on, self._letters_alone = db, post, go_on, letters_alone
        self._hand = Hand(db, post)
        self._queues = Queues(post.senders)
        self._letters: dict[int, OwedLetter] = {}
        self._contents: dict[int, Content] = {}  # by digest
        self._unprepared: Sequence[Claimed] = ()  # claimed, and their contents could not be loaded yet
        self._held: Mapping[
            int, Standing | None
        ] = {}  # what we have and may not send, as it stood at the last look
        self._refused: Counter[int] = Counter()  # by edition
        self._ask_at: dict[int, float] = {}  # the number of refusals from which on to ask
        self._look_at = self._claim_at = 0.0
        self.claimed = self.letters = 0

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
            elif self._letters_alone:
                return
            elif (delivery := self._queues.next(self._post.ticks())) is not None:
                if (mail := self._prepared(delivery)) is not None:
                    yield mail
            elif self._post.ticks() >= self._claim_at:
                yield from self._patiently(self._claim)
            elif self.waiting:
                yield None  # for its edition's pace, its domain's turn, its answer: leases are renewed until then
            else:
                return
        yield from self._wind_up()

    def keep(self, done: Sequence[Kept]) -> None:
        """Write down what was answered; when it returns, that is safe."""
        for mail, outcome in done:
            if isinstance(mail.key, Claimed):
                self._hand.decide(mail.key, outcome)
                self._refused[mail.key.edition_id] += isinstance(outcome, Refused)
        self._insist(self._hand.flush)
        for mail, outcome in done:
            if isinstance(mail.key, OwedLetter):
                self._insist(partial(letter_queue.keep, self._db, self._post, mail.key, outcome))
                self._letters.pop(mail.key.letter.id, None)

    def still(self, mail: Mail) -> bool:
        """Whether a mail that the relay could not send at once may go; one that may not is let go of."""
        if not isinstance(mail.key, Claimed):
            return self._go_on()
        if not self._go_on():
            self._hand.give_back(mail.key, self._post.clock(), "given back")
        elif mail.key.id in self._held:
            self._let_go(mail.key)
        else:
            return True
        return False

    def end(self, reason: str, wait: timedelta = timedelta(0)) -> None:
        """Let others have what was not sent, after `wait`."""
        not_before = self._post.clock() + wait
        try:
            self._hand.give_all_back(not_before, reason)
            for owed in self._letters.values():
                letter_queue.give_back(self._db, owed, not_before, reason)
            self._stop_failing(1)
        except UnavailableError as error:
            lease = self._post.lease.total_seconds()
            log.warning("%s; %d mails are free for other senders in %d s", error, self.waiting, lease)

    def _wind_up(self) -> Iterator[None]:
        """Told to stop: give back what is not on its way, and look after what is until it is answered."""
        for delivery in (*self._unprepared, *self._queues.sift(())):
            self._hand.give_back(delivery, self._post.clock(), "given back")
        while len(self._hand):
            if self._post.ticks() >= self._look_at:
                try:
                    self._look_after()
                except UnavailableError as error:
                    log.warning("%s; the sender waits", error)
                self._look_at = self._post.ticks() + LOOK
            yield None

    def _look(self) -> None:
        """Look after what we have, and see whether letters are owed."""
        self._look_after()
        owed = letter_queue.owed(self._db, self._post)
        self._letters |= {one.letter.id: one for one in owed}
        self.letters += len(owed)
        self._stop_failing(SUSPICIOUS)
        self._look_at = self._post.ticks() + LOOK

    def _look_after(self) -> None:
        """Renew leases, and let go of what must not be sent any more."""
        ours = set(self._hand.ids)
        found = self._hand.standing()
        self._queues.paced({standing.edition_id: standing.rate for standing in found.values()})
        may_go = {key for key, standing in found.items() if standing.may_go}
        self._held = {key: found.get(key) for key in ours - may_go}
        for delivery in self._queues.sift(may_go):
            self._let_go(delivery)
        self._hand.flush()

    def _let_go(self, delivery: Claimed) -> None:
        standing = self._held.get(delivery.id)
        if standing and standing.edition_state == "sending":
            self._hand.skip(delivery, f"the reader is {standing.reader_state}")
        elif standing:
            self._hand.give_back(delivery, self._post.clock(), "given back: the edition is held")

    def _owed(self) -> Iterator[Mail]:
        for owed in tuple(self._letters.values()):
            if not owed.begun:
                mail = letter_queue.prepared(self._db, self._post, owed)
                if mail is None:
                    del self._letters[owed.letter.id]
                else:
                    yield mail

    def _claim(self) -> None:
        # Of an edition that waits for its pace no more is taken than a chunk: others may send it, or somebody stop it.
        waiting = self._queues.editions
        claimed = self._unprepared = self._unprepared or self._hand.claim(CHUNK, but_of=waiting)
        if not claimed:
            self._claim_at = self._post.ticks() + LOOK
            return
        content = self._post.preparer.load(self._db, claimed)
        if not self._queues:
            self._contents.clear()
        self._contents |= dict.fromkeys(content.digests, content)
        self._queues.paced(content.rates)
        self._queues.add(claimed)
        self._unprepared = ()
        self.claimed += len(claimed)

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
            if refused >= max(enough, self._ask_at.get(edition_id, 0)):
                circuit_breaker.stop_if_failing(self._db, edition_id, self._post.clock())
                self._ask_at[edition_id] = refused * MORE

    def _patiently(self, do: Callable[[], None]) -> Iterator[None]:
        """Do it; while the database is away, try again each second, and let the mail server's answers be heard. When
        told to stop it is not done."""
        until = self._post.ticks() + DATABASE_DOWN
        while True:
            try:
                do()
            except UnavailableError as error:
                if self._post.ticks() > until:
                    raise
                log.warning("%s; the sender waits", error)
            else:
                return
            again = self._post.ticks() + LOOK
            while self._post.ticks() < again:
                if not self._go_on():
                    return
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
