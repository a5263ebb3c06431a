"""Moments in the options and the input of commands."""

from datetime import UTC, datetime

from digest.errors import InvalidInputError


def parse_moment(text: str, name: str) -> datetime:
    """A moment in ISO 8601; without a zone it is UTC. Raises InvalidInputError, which says that `name` is wrong."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            f'{name}: "{text[:40]}" is not ISO 8601 (example: 2026-01-14T09:30:00Z)'
        ) from error
