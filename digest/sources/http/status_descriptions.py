"""What an HTTP error status means for the person who added the source, and what to do about it."""

from http import HTTPStatus

from digest.errors import NewsroomText

STATUS_DESCRIPTIONS = {
    401: NewsroomText("the site asks for a password; only sources open to everybody can be read"),
    403: NewsroomText("the site refuses us; ask the publisher, or look for another address of the feed"),
    404: NewsroomText("there is nothing at this address; check it, or look for the feed on the site"),
    406: NewsroomText("the site has nothing at this address that a feed reader accepts"),
    410: NewsroomText(
        "the publisher has removed this for good; it is no longer polled. Look for another address, or delete it"
    ),
    429: NewsroomText("the site says that we ask too often; we wait as long as it wants"),
    451: NewsroomText("the site may not show this for legal reasons"),
    503: NewsroomText("the site is out of service for the moment"),
}


def describe_status(status: int) -> str:
    """A description of an HTTP status that brought no document.

    >>> describe_status(500)
    'the site has an error of its own; we try again later (status 500)'
    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        default = NewsroomText("the site has an error of its own; we try again later")
    else:
        default = NewsroomText("the site gives nothing to read")
    return NewsroomText(
        "%(description)s (status %(status)s)",
        description=STATUS_DESCRIPTIONS.get(status, default),
        status=status,
    )
