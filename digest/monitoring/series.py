"""The series of /metrics: their names without the prefix, and what they say. docs/monitoring.md lists the same."""

from digest.monitoring.states import FigureName

PREFIX = "dateline_"
INFINITY = "+Inf"
BUCKETS = (0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)  # upper bounds of the times of requests, in seconds

# Figures that are shown as they are kept; a task measures those without "_total" once a minute.
KEPT_FIGURES = (
    FigureName.ANSWERS,
    FigureName.HTTP_REQUESTS,
    FigureName.DELIVERIES,
    FigureName.FEEDBACK,
    FigureName.EDITIONS,
    FigureName.SUBSCRIBERS,
    FigureName.SOURCES,
    FigureName.ARTICLES,
    FigureName.STORIES,
)

HELP = {
    "build": "The version that answers.",
    "database_up": "Whether the database answers and accepts writes.",
    "database_latency_seconds": "Time of a look at the database for this scrape.",
    "broker_up": "Whether the broker answers and accepts writes.",
    "broker_latency_seconds": "Time of a write to the broker for this scrape.",
    "queue_length": "Messages that wait in a queue.",
    "problem": "1 for each problem that doctor, readyz and the overview name.",
    "oldest_due_seconds": "How long what waits longest has been due; 0 if nothing is.",
    "last_poll_timestamp_seconds": "When a source was last polled.",
    "heartbeat_timestamp_seconds": "When beat, or the worker of a queue, last showed itself on a machine.",
    "disk_free_bytes": "Free space where DATELINE_VAR is.",
    "disk_size_bytes": "Size of the disk where DATELINE_VAR is.",
    "mail_server_up": "Whether the last session with a mail server succeeded.",
    "mail_server_session_seconds": "Time of that session.",
    "task_last_end_timestamp_seconds": "When a task last ended.",
    "task_last_seconds": "How long its last run took.",
    "task_last_succeeded": "Whether its last run succeeded.",
    "task_runs_total": "Its runs.",
    "task_failures_total": "Its runs that ended with an error.",
    "task_seconds_total": "The time of all its runs.",
    "http_request_seconds": "Times of requests by route, until the response begins.",
    FigureName.ANSWERS: "Answers of mail servers by server, domain (big providers) and outcome.",
    FigureName.HTTP_REQUESTS: "Requests by route, method and status.",
    FigureName.DELIVERIES: "Deliveries of the editions of the last day, by state.",
    FigureName.FEEDBACK: "Bounces, complaints and unsubscriptions of the last day.",
    FigureName.EDITIONS: "Editions that have not ended, by state.",
    FigureName.SUBSCRIBERS: "Subscribers by state.",
    FigureName.SOURCES: "Sources by condition.",
    FigureName.ARTICLES: "Articles that were new in the last hour.",
    FigureName.STORIES: "Stories that began in the last hour.",
}
