"""What a worker process needs to send: one of these per process."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.deliveries.messages.digest_message import Sender
from digest.deliveries.messages.preparation import Preparer
from digest.deliveries.pure.leases import LEASE, Steps
from digest.editions.fragments import Fragments
from digest.mail.relay import Relay
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.pure.links import Links


@dataclass
class Post:
    """The relay, the fragments, and who we are. `clock` tells the time, `ticks` seconds that only run forward."""

    relay: Relay
    fragments: Fragments
    links: Links
    sender: Sender
    tree: RegionTree
    clock: Callable[[], datetime]
    senders: int = 1  # processes that send at once, among which an edition's pace is divided
    lease: timedelta = LEASE
    ticks: Callable[[], float] = time.monotonic
    preparer: Preparer = field(init=False)
    steps: Steps = field(init=False)

    def __post_init__(self) -> None:
        self.preparer = Preparer(self.fragments, self.links, self.sender, self.tree)
        self.steps = Steps()
