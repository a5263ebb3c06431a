"""The HTTP status of each of our errors."""

from digest.errors import ConflictError, DatelineError, InvalidInputError, NotFoundError, UnavailableError
from digest.subscribers.pure.links import ExpiredLinkError

# The first class that fits counts: ExpiredLinkError is an InvalidInputError too.
HTTP_STATUSES: dict[type[DatelineError], int] = {
    ExpiredLinkError: 410,
    NotFoundError: 404,
    InvalidInputError: 400,
    ConflictError: 409,
    UnavailableError: 503,
}


def http_status(error: Exception) -> int:
    """The status of a response to a request that ended with this error; 500 if it is none of ours."""
    return next((status for kind, status in HTTP_STATUSES.items() if isinstance(error, kind)), 500)
