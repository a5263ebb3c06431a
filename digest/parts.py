"""What the faces and the tasks work with: one of each part, put together in `digest/app.py`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import current_app

from digest.articles.ingest.source_poll import Reader
from digest.database import Database
from digest.deliveries.messages.digest_message import Sender
from digest.deliveries.planning.edition_planner import Planner
from digest.deliveries.sending.delivery_sender import Post
from digest.editions.fragments import Fragments
from digest.feedback.actions import Rules
from digest.feedback.identification import Keys
from digest.feedback.pure.soft_bounces import Patience
from digest.regions import custom_groups
from digest.regions.tree.region_tree import RegionTree
from digest.settings import Settings
from digest.subscribers.pure.links import Links

KEY = "dateline"  # in Flask's `app.extensions`


@dataclass(frozen=True)
class Parts:
    """The parts of one process."""

    settings: Settings
    db: Database
    tree: RegionTree
    reader: Reader
    links: Links
    sender: Sender
    fragments: Fragments
    post: Post
    languages: tuple[str, ...]  # in which the digest's frame is offered

    def fresh(self) -> "Parts":
        """These parts, with what editors, perhaps in another process, have changed of the region tree."""
        custom_groups.refresh(self.db, self.tree)
        return self

    def planner(self) -> Planner:
        """A planner for one run."""
        return Planner(self.tree, timedelta(hours=self.settings.max_lateness_hours))

    def feedback(self) -> Rules:
        """What acting on feedback goes by."""
        patience = Patience(self.settings.soft_bounces, self.settings.soft_bounce_days)
        return Rules(Keys(self.sender, self.links), patience)


def parts() -> Parts:
    """The parts of the Flask application that is handling this request or command."""
    return cast("Parts", current_app.extensions[KEY])
