"""What a worker process needs to send. There is one per process."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from digest.articles.states import Kinds
from digest.clock import Clock
from digest.deliveries.messages.digest_message import SenderIdentity
from digest.deliveries.messages.preparation import MailPreparer
from digest.deliveries.pure.leases import SlotObserver
from digest.deliveries.pure.retry import AttemptHistory, DeliveryDecision, decide_next_state
from digest.deliveries.states import RefusalKind
from digest.editions.fragments import Fragments
from digest.editions.kept_composers import KeptComposers
from digest.look.looks import Looks
from digest.look.pure.look import NO_WORDS
from digest.mail.pure.outcomes import Outcome
from digest.mail.relay import Relay
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.pure.links import SignedLinks


@dataclass(eq=False)
class SendingContext:
    """The relay, the sender's identity, and what mails are made from."""

    relay: Relay
    fragments: Fragments
    links: SignedLinks
    sender: SenderIdentity
    tree: RegionTree
    clock: Clock
    classify_refusal: Callable[[str], RefusalKind]  # whom a refusal is about, by the mail server's answer
    default_kinds: Kinds = frozenset()  # of articles, which digests show beside hard news
    sender_count: int = 1  # slots: senders that there can be at the same time, and that share all limits
    monotonic: Callable[[], float] = time.monotonic  # seconds that only increase
    looks: Looks = field(default_factory=lambda: Looks(NO_WORDS))
    preparer: MailPreparer = field(init=False)
    composers: KeptComposers = field(init=False)  # for previews and the desk
    slot_observer: SlotObserver = field(default_factory=SlotObserver)

    def __post_init__(self) -> None:
        self.preparer = MailPreparer(self.fragments, self.links, self.sender, self.tree, self.looks)
        self.composers = KeptComposers(self.tree, self.preparer.stories.load, self.default_kinds)


def decide_with_jitter(outcome: Outcome, history: AttemptHistory, now: datetime) -> DeliveryDecision:
    """Decide the next state of a delivery or letter, with random jitter."""
    return decide_next_state(outcome, history, now, jitter=random.random())  # noqa: S311  (spreads load, no secret)
