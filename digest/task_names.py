"""The names of queues and tasks, for the code that enqueues tasks."""

from enum import StrEnum


class Queue(StrEnum):
    """The queues. Each has processes of its own in `dateline worker`."""

    LETTERS = "letters"  # transactional mails: links to confirm or to the preferences
    PLANNING = "planning"
    SENDING = "sending"
    SOURCES = "sources"
    UPKEEP = "upkeep"  # what may wait for some minutes


class TaskName(StrEnum):
    """The tasks by the names that messages carry."""

    SEND_LETTERS = "letters.send"
    PLAN_DUE = "deliveries.plan_due"
    START_SENDERS = "deliveries.send_due"
    SEND_DELIVERIES = "deliveries.send"
    PLAN_EDITION = "editions.plan"
    POLL_DUE_SOURCES = "sources.poll_due"
    POLL_SOURCE = "sources.poll"
    FETCH_PAGES = "sources.visit_due"
    TAG_WAITING = "articles.tag_waiting"
    PRUNE_ARTICLES = "articles.prune"
    COUNT_NEWS = "articles.count_days"
    IMPORT_SUBSCRIBERS = "subscribers.import"
    FORGET_UNCONFIRMED = "subscribers.forget"
    ARCHIVE_DELIVERIES = "deliveries.fold"
    DELETE_EXPIRED = "records.delete_expired"
    READ_FEEDBACK = "feedback.read"
    POST_WEBHOOKS = "webhooks.post"
    SETTLE_REFUSALS = "feedback.settle_refusals"
    TAKE_MEASURES = "monitoring.measure"
    FOLD_VISITS = "opens.fold"
