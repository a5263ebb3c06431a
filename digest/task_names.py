"""The names of queues and tasks, for the code that enqueues tasks."""

from enum import StrEnum


class Queue(StrEnum):
    """The queues of a worker, most urgent first; the Procfile lists the same."""

    LETTERS = "letters"  # transactional mails: links to confirm or to the preferences
    DELIVERIES = "deliveries"
    SOURCES = "sources"


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
    PRUNE_ARTICLES = "articles.prune"
    FORGET_UNCONFIRMED = "subscribers.forget"
    ARCHIVE_DELIVERIES = "deliveries.fold"
    READ_FEEDBACK = "feedback.read"
