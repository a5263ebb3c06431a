"""Whether a form was sent from a page of this site, for forms that have no token because everybody gets the same page.

Browsers say where a request comes from (Fetch Metadata, `Origin`), and no page can change what they say. A program that
is no browser has no session to abuse.
"""

from urllib.parse import urlsplit

from flask import request

SAME_SITE = ("same-origin", "same-site", "none")


def is_from_another_site() -> bool:
    """Whether a page of another site has sent this request."""
    fetch_site = request.headers.get("Sec-Fetch-Site", "")
    if fetch_site:
        return fetch_site not in SAME_SITE
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc != request.host
