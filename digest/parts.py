"""The parts that pages, commands and tasks share: one of each per process, built in `digest/app.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import current_app

from digest.articles.ingest.source_poll import IngestContext
from digest.articles.states import READER_CHOICE
from digest.clock import Clock
from digest.database import Database
from digest.deliveries.messages.digest_message import SenderIdentity
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.sending_context import SendingContext
from digest.editions.fragments import Fragments
from digest.editions.samples import SampleDigests
from digest.feedback.actions import FeedbackPolicy
from digest.feedback.identification import IdentificationKeys
from digest.feedback.pure.soft_bounces import SoftBounceLimit
from digest.look.looks import Looks
from digest.look.pure.look import ALL_LANGUAGES, ShownLook
from digest.monitoring.figures import Figures
from digest.opens.pure.counted_links import CountedLinks
from digest.regions import custom_groups
from digest.regions.tree.region_tree import RegionTree
from digest.retention import RetentionPeriods
from digest.settings import Settings
from digest.subscribers.imports.rules import ImportRules
from digest.subscribers.pure.links import SignedLinks

EXTENSION_KEY = "dateline"  # in Flask's `app.extensions`


@dataclass(frozen=True)
class Parts:
    """The parts of one process."""

    settings: Settings
    db: Database
    clock: Clock
    tree: RegionTree
    ingest: IngestContext
    links: SignedLinks
    counted_links: CountedLinks  # of stories, wherever COUNT_OPENS is or was on
    sender: SenderIdentity
    fragments: Fragments
    looks: Looks
    samples: SampleDigests
    sending: SendingContext  # for deliveries
    letter_sending: SendingContext
    figures: Figures
    languages: tuple[str, ...]  # that a digest can have; its articles stay in theirs

    @property
    def default_kinds(self) -> frozenset[str]:
        """The kinds that subscribers can choose and that those get who chose none."""
        return frozenset(map(str, self.sending.default_kinds & frozenset(READER_CHOICE)))

    @property
    def sends_first_digests(self) -> bool:
        """Whether newcomers get a digest at once."""
        return sends_first_digests(self.settings)

    def look(self, language: str) -> ShownLook:
        """How the site looks in a language, and what it says of itself."""
        return self.looks.current(self.db).shown(language)

    @property
    def site_name(self) -> str:
        """The name of the site where it is not told to a reader in a language."""
        return self.look(ALL_LANGUAGES).name

    def refresh_regions(self) -> "Parts":
        """Apply editors' changes to the region tree, perhaps made in another process; returns these parts."""
        custom_groups.refresh(self.db, self.tree)
        return self

    def planner(self) -> Planner:
        """A planner for one run."""
        max_lateness = timedelta(hours=self.settings.max_lateness_hours)
        return Planner(self.tree, max_lateness, default_kinds=self.sending.default_kinds)

    def feedback_policy(self) -> FeedbackPolicy:
        """The rules by which feedback is acted on."""
        soft_bounce_limit = SoftBounceLimit(self.settings.soft_bounces, self.settings.soft_bounce_days)
        return FeedbackPolicy(IdentificationKeys(self.sender, self.links), soft_bounce_limit)

    def import_rules(self, consent: str = "", defaults: Mapping[str, str] | None = None) -> ImportRules:
        """The rules of an import of subscribers with this consent."""
        return ImportRules(
            tree=self.tree,
            languages=self.languages,
            secret=self.settings.secret_key,
            consent_wording=consent,
            now=self.clock(),
            default_kinds=self.default_kinds,
            defaults=defaults or {},
        )

    def retention_periods(self) -> RetentionPeriods:
        """How long records are kept."""
        days = self.settings.archive_days, self.settings.audit_days, self.settings.feedback_days
        return RetentionPeriods(*(timedelta(days=number) for number in days))


def sends_first_digests(settings: Settings) -> bool:
    """Whether newcomers get a digest at once. With REVIEW they do not, as no editor would have seen it."""
    return settings.first_digest and not settings.review


def parts() -> Parts:
    """The parts of the Flask application that handles this request or command."""
    return cast("Parts", current_app.extensions[EXTENSION_KEY])
