"""Posts a message to an endpoint, and says in words why it was not taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.errors import NewsroomText, UnavailableError
from digest.http_client import send_request


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What came of a post: the status, or None if there is none; and why the message was not taken."""

    status: int | None
    reason: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed_private_hosts: frozenset[str] = frozenset()
) -> PostAnswer:
    """Post a message. `allowed_private_hosts` are host:port pairs that may be on a private network."""
    try:
        answer = send_request(
            "POST", url, headers=headers, body=body, most=0, allowed_private_hosts=allowed_private_hosts
        )
    except UnavailableError as error:
        return PostAnswer(None, str(error))
    reason = (
        ""
        if answer.succeeded
        else NewsroomText(
            "%(hostname)s answered %(status)s", hostname=urlsplit(url).hostname, status=answer.status
        )
    )
    return PostAnswer(answer.status, reason)
