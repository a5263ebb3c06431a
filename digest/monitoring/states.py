"""The states and kinds of notices, the kinds of probes, and the names of problems."""

from enum import StrEnum

BEAT_ROLE = "beat"  # the role of beat in heartbeats; that of a worker is its queue
WATCHER_ROLE = "watcher"  # whichever process last looked for alerts


class ProbeKind(StrEnum):
    """What is tried once a minute."""

    MAIL_SERVER = "mail_server"
    MAILBOX = "mailbox"  # FEEDBACK_MAILBOX


class NoticeKind(StrEnum):
    """What a notice says of its alert."""

    STARTED = "started"
    ENDED = "ended"


class NoticeWay(StrEnum):
    """How a notice goes out."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class NoticeState(StrEnum):
    """What has become of a notice."""

    PLANNED = "planned"
    SENT = "sent"
    EXPIRED = "expired"  # it could not be sent for a day


class ProblemLevel(StrEnum):
    """How bad a problem is."""

    ERROR = "error"  # readers do not get what they should, or soon will not
    WARNING = "warning"


class ProblemName(StrEnum):
    """The stable names of problems, for alerts, metrics and programs."""

    DATABASE_AWAY = "database_away"
    BROKER_AWAY = "broker_away"
    BEAT_SILENT = "beat_silent"
    WORKER_SILENT = "worker_silent"
    MAIL_SERVER_AWAY = "mail_server_away"
    MAILBOX_AWAY = "mailbox_away"
    SUBSCRIBERS_LATE = "subscribers_late"
    DELIVERIES_LATE = "deliveries_late"
    LETTERS_LATE = "letters_late"
    PLANNING_LATE = "planning_late"
    POLLING_LATE = "polling_late"
    EDITION_STOPPED = "edition_stopped"
    TASK_FAILING = "task_failing"
    SOURCE_IN_TROUBLE = "source_in_trouble"
    ALL_SOURCES_FAIL = "all_sources_fail"
    DISK_NEARLY_FULL = "disk_nearly_full"
    BOUNCE_RATE = "bounce_rate"
    COMPLAINT_RATE = "complaint_rate"


class FigureName(StrEnum):
    """The figures that are kept in rows, by their names in /metrics without the prefix `dateline_`."""

    # Counted by the processes that do the work; they only grow.
    ANSWERS = "mail_server_answers_total"
    HTTP_REQUESTS = "http_requests_total"
    HTTP_BUCKET = "http_request_seconds_bucket"
    HTTP_SECONDS = "http_request_seconds_sum"
    # Measured by a task once a minute.
    DELIVERIES = "deliveries"
    FEEDBACK = "feedback"
    EDITIONS = "editions"
    SUBSCRIBERS = "subscribers"
    SOURCES = "sources"
    ARTICLES = "articles_last_hour"
    STORIES = "stories_last_hour"
