"""How we log: a line for people, or a JSON object a line for machines. No address and no link is ever logged."""

import json
import logging
import sys
from datetime import UTC, datetime

from digest.settings import Settings

STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {
    "message",
    "asctime",
    "taskName",
}


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time (ISO 8601, UTC), level, logger, message, error, and what was given as extra."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        extra = {name: value for name, value in record.__dict__.items() if name not in STANDARD}
        return json.dumps(fields | extra, default=str, ensure_ascii=False)


def configure(settings: Settings) -> None:
    """Send all logs to standard error in the chosen format."""
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else plain)
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for chatty in (
        "alembic",
        "celery.worker.strategy",
        "celery.app.trace",
        "celery.beat",
        "kombu",
        "mail.log",
    ):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # A detector of it that breaks over a broken mail says so with a traceback; what matters of it is handled.
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)
