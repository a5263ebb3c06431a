"""The log format: plain lines, or a JSON object per line, with the ids of request and task.

Never log an address or a link.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from digest.settings import Settings

STANDARD_ATTRIBUTES = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {
    "message",
    "asctime",
    "taskName",
}
# Their records below WARNING are too many.
VERBOSE_LOGGERS = (
    "alembic",
    "celery.worker.strategy",
    "celery.app.trace",
    "celery.beat",
    "kombu",
    "mail.log",
)


CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CONTINUATION = "    | "
_context: ContextVar[dict[str, str] | None] = ContextVar("log_context", default=None)


@contextmanager
def log_context(**ids: str) -> Iterator[None]:
    """Add ids, such as `request_id`, to every line that this thread logs in the block. Empty ones are left out."""
    token = _context.set({**(_context.get() or {}), **{name: text for name, text in ids.items() if text}})
    try:
        yield
    finally:
        _context.reset(token)


def current_ids() -> dict[str, str]:
    """The ids that this thread adds to its lines."""
    return dict(_context.get() or {})


class LineFormatter(logging.Formatter):
    """A record as a line; the further lines of a traceback are indented.

    Texts of strangers stand in messages. Without this, one with a line break in it could write a line of its own.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  -- the base class's name
        """The line of the record, with control characters written as escapes, and the ids of the context."""
        ids = "".join(f" [{name} {text}]" for name, text in current_ids().items())
        return CONTROL_CHARACTERS.sub(_escape, super().formatMessage(record) + ids)

    def formatException(self, ei: Any) -> str:  # noqa: N802  -- the base class's name
        """The traceback, each line indented."""
        lines = super().formatException(ei).splitlines()
        return "\n".join(CONTINUATION + CONTROL_CHARACTERS.sub(_escape, line) for line in lines)


class JsonFormatter(logging.Formatter):
    """A record as a JSON object: time (ISO 8601, UTC), level, logger, message, error, and the fields of `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        extra = {name: value for name, value in record.__dict__.items() if name not in STANDARD_ATTRIBUTES}
        return json.dumps(fields | current_ids() | extra, default=str, ensure_ascii=False)


def create_formatter(log_format: str) -> logging.Formatter:
    """The formatter of LOG_FORMAT."""
    if log_format == "json":
        return JsonFormatter()
    return LineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def configure_logging(settings: Settings) -> None:
    """Send all logs to standard error in the format of LOG_FORMAT."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(create_formatter(settings.log_format))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in VERBOSE_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    # flufl.bounce logs a traceback when it fails on a malformed mail, which we then handle without it.
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


def _escape(match: re.Match[str]) -> str:
    """A control character as Python's escape of it, such as a backslash and an n."""
    return match[0].encode("unicode_escape").decode("ascii")
