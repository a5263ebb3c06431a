"""What an HTTP error status means for the person who added the source, and what to do about it."""

from http import HTTPStatus

STATUS_DESCRIPTIONS = {
    401: "the site asks for a password; only sources open to everybody can be read",
    403: "the site refuses us; ask the publisher, or look for another address of the feed",
    404: "there is nothing at this address; check it, or look for the feed on the site",
    406: "the site has nothing at this address that a feed reader accepts",
    410: "the publisher has removed this for good; it is no longer polled. Look for another address, or delete it",
    429: "the site says that we ask too often; we wait as long as it wants",
    451: "the site may not show this for legal reasons",
    503: "the site is out of service for the moment",
}


def describe_status(status: int) -> str:
    """A description of an HTTP status that brought no document.

    >>> describe_status(500)
    'the site has an error of its own; we try again later (status 500)'
    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        default = "the site has an error of its own; we try again later"
    else:
        default = "the site gives nothing to read"
    return f"{STATUS_DESCRIPTIONS.get(status, default)} (status {status})"
