"""Redirects that stay on this site and lead to pages that a browser can open."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from digest.line_text import is_one_line


def local_path(target: str | None) -> str | None:
    """`target` if it is a path on this site, else None. Disguised addresses of other sites give None."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if "\\" in target or not is_one_line(target):  # browsers drop control characters and read "\\" as "/"
        return None
    url = urlsplit(target)
    return None if url.scheme or url.netloc else target


def redirect_back(endpoint: str, **values: Any) -> Response:
    """Redirect to the page whose button was pressed, or to `endpoint` if the browser does not name a page of this site.

    A page that is the response to a POST request can't be opened by its address; the nearest page above it is used.
    """
    referrer = urlsplit(request.referrer or "")
    path = f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
    page = nearest_page(local_path(path)) if referrer.netloc == request.host else None
    return redirect(page or url_for(endpoint, **values))


def nearest_page(path: str | None) -> str | None:
    """`path` if it accepts GET, else the nearest path above it that does. None if there is none."""
    while path and not _accepts_get(path.partition("?")[0]):
        path = path.partition("?")[0].rpartition("/")[0]
    return path or None


def _accepts_get(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return True
