"""What the faces and the tasks work with: one of each part, put together in `digest/app.py`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import current_app

from digest.articles.intake import Reader
from digest.database import Database
from digest.deliveries.messages import Sender
from digest.deliveries.planning import Planner
from digest.deliveries.sending import Post
from digest.editions.fragments import Fragments
from digest.feedback.acting import Rules
from digest.feedback.bouncing import Patience
from digest.feedback.identifying import Keys
from digest.regions import editing
from digest.regions.tree import RegionTree
from digest.settings import Settings
from digest.subscribers.links import Links

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
        editing.refresh(self.db, self.tree)
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
