"""The tasks of the queue `upkeep`: what keeps the database small, reads feedback, measures, and posts webhooks."""

import logging
from collections.abc import Collection
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from celery import Celery

from digest import retention
from digest.accounts.store import undo_steps
from digest.articles import exclusion_changes, news_counts, pruning
from digest.deliveries.oversight import archive
from digest.deliveries.store import deliveries
from digest.feedback import refusals
from digest.feedback.incoming_mail import OTHER_MAIL_FOLDER, read_mailbox
from digest.monitoring import measuring
from digest.monitoring.states import ProbeKind
from digest.opens import folding
from digest.parts import Parts
from digest.subscribers import lifecycle, notes
from digest.subscribers.bulk import changes
from digest.subscribers.imports import uploads, work
from digest.subscribers.imports.undoing import UNDO_TIME
from digest.webhooks import sending as webhooks
from digest.webhooks.posting import post

log = logging.getLogger(__name__)

POSTING_TIME = timedelta(seconds=50)  # of one task that posts to webhooks


def tag_waiting(parts: Parts, _celery: Celery) -> None:
    """Tag the articles again that wait for it because words were excluded, or no longer are."""
    if count := exclusion_changes.tag_all_waiting(parts.db, parts.ingest.tagger, parts.clock()):
        log.info("tagged %d articles again after changes of the excluded words", count)


def prune_articles(parts: Parts, _celery: Celery) -> None:
    """Delete articles and stories that are older than they are kept."""
    keep = timedelta(days=parts.settings.article_days)
    pruned = pruning.prune(parts.db, parts.clock(), keep=keep)
    if pruned.articles or pruned.stories:
        log.info("pruned %d articles and %d stories", pruned.articles, pruned.stories)


def count_news(parts: Parts, _celery: Celery) -> None:
    """Count the articles and stories of the days that are over."""
    if count := news_counts.count_finished_days(parts.db, parts.tree, parts.clock()):
        log.info("counted the articles and stories of %d days", count)


def forget_unconfirmed(parts: Parts, _celery: Celery) -> None:
    """Delete subscribers who never confirmed, files that were never imported, and what can't be undone any more."""
    if count := lifecycle.forget_unconfirmed(parts.db, parts.clock()):
        log.info("forgot %d people who never confirmed", count)
    if count := uploads.forget(parts.db, parts.clock(), UNDO_TIME):
        log.info("deleted %d uploads that were never imported", count)
    if count := notes.forget_deleted(parts.db, parts.clock()):
        log.info("removed %d deleted notes on subscribers", count)
    if count := changes.forget(parts.db, parts.clock()):
        log.info("removed what would undo %d changes of many subscribers", count)
    with parts.db.begin() as tx:
        if count := undo_steps.prune(tx, parts.clock()):
            log.info("removed what would undo %d changes on the desk", count)


def import_subscribers(parts: Parts, _celery: Celery) -> None:
    """Check, import or undo the lists that managers have uploaded."""
    work.work_on_all(parts.db, parts.import_rules(), parts.clock)


def archive_deliveries(parts: Parts, _celery: Celery) -> None:
    """Replace old deliveries by their counts."""
    before = parts.clock() - timedelta(days=parts.settings.retention_days)
    if count := archive.archive_old_deliveries(parts.db, before):
        log.info("archived %d old deliveries as counts", count)


def delete_expired(parts: Parts, _celery: Celery) -> None:
    """Delete digests, feedback, polls and entries of the audit trail whose time is over."""
    if deleted := retention.delete_expired(parts.db, parts.clock(), parts.retention_periods()):
        counts = (deleted.digests, deleted.audit_entries, deleted.feedback, deleted.polls)
        message = "deleted %d old digests, %d entries of the audit trail, %d pieces of feedback, %d polls"
        log.info(message, *counts)


def read_feedback(parts: Parts, _celery: Celery) -> None:
    """Read the mailbox that bounces and complaints come to."""
    url, folder = parts.settings.feedback_mailbox, parts.settings.var / OTHER_MAIL_FOLDER
    if not url:
        return
    with measuring.probed(parts.db, parts.clock, ProbeKind.MAILBOX, urlsplit(url).hostname or "mailbox"):
        policy = parts.feedback_policy()
        count = read_mailbox(parts.db, url, policy, other_mail_folder=folder, clock=parts.clock)
        if count:
            log.info("feedback: read %d mails", count)


def settle_refusals(parts: Parts, _celery: Celery) -> None:
    """Act on what the mail server refused."""
    refusals.settle_refusals(parts.db, parts.feedback_policy(), parts.clock())


def take_measures(parts: Parts, _celery: Celery) -> None:
    """Count what `/metrics` shows, and try the mail servers."""
    measuring.take_measures(parts.db, parts.clock)
    measuring.probe_mail_servers(parts.db, parts.clock, parts.settings.smtp_url)


def fold_visits(parts: Parts, celery: Celery) -> None:
    """Add the stories that were opened to the counts, if they are counted."""
    if not parts.settings.count_opens:
        return

    def edition_sizes(edition_ids: Collection[int]) -> dict[int, int]:
        with parts.db.read() as tx:
            counts = deliveries.count_by_state(tx, edition_ids)
        return {edition_id: sum(by_state.values()) for edition_id, by_state in counts.items()}

    folding.fold_visits(parts.db, celery, parts.tree, parts.clock(), edition_sizes)


def post_webhooks(parts: Parts, _celery: Celery) -> None:
    """Post the messages of webhooks that are due."""
    post_message = partial(post, allowed_private_hosts=parts.settings.fetch_allow)
    sender = webhooks.WebhookSender(parts.db, parts.settings.secret_key, post_message, parts.clock)
    if count := sender.send_due(parts.clock() + POSTING_TIME):
        log.info("webhooks: posted %d messages", count)
    webhooks.remove_old(parts.db, parts.clock())
