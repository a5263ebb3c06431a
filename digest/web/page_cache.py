"""Public pages that are the same for everybody: rendered once a minute, kept compressed, and answered from memory.

Only pages without a session, a form token or anything that a visitor typed may be kept: compressing these beside a
secret would help to guess it.
"""

import gzip
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import brotli
from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response as BaseResponse

from digest.editions.bounded_cache import BoundedCache
from digest.parts import parts

KEPT_FOR = timedelta(seconds=60)  # so an editor's change is visible a minute later
MOST_OCTETS = 64 * 1024 * 1024  # of all kept pages, each with its compressed forms
EXTENSION = "dateline.pages"  # in Flask's `app.extensions`
RENDERING = tuple(Lock() for _ in range(64))  # by key
# Headers of the page itself, which a 304 has not (RFC 9110, section 15.4.5).
OF_THE_PAGE = frozenset(("content-type", "content-encoding", "content-length", "last-modified"))
KEPT_PAGE = "dateline.kept_page"  # in the WSGI environment: the KeptForm that answers the request
PICTURES = ("image/png", "image/jpeg")
MIN_COMPRESSED = 500  # octets; less gains nothing


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A rendered page with its compressed forms."""

    body: bytes
    gzip: bytes
    brotli: bytes
    etag: str
    content_type: str
    made_at: datetime
    last_modified: datetime | None
    look: int  # the version of the site's look that this process knew

    def octets(self) -> int:
        """The octets of all its forms."""
        return len(self.body) + len(self.gzip) + len(self.brotli)

    def is_fresh(self, now: datetime, look: int) -> bool:
        """Whether it may still be sent. Another look of the site ends it, and a clock that was put back."""
        return self.look == look and timedelta(0) <= now - self.made_at < KEPT_FOR


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A kept page in the encoding that a client asked for."""

    endpoint: str
    body: bytes
    etag: str
    headers: tuple[tuple[str, str], ...]  # those that a 304 has not
    page: KeptPage


def kept_page(
    key: Hashable, render: Callable[[], Response | str], *, max_age: int | None, by_language: bool = False
) -> BaseResponse:
    """The page of this key, rendered if none is kept; 304 if the client has it.

    `max_age`: seconds for which others may keep it, None if they may not. `by_language`: it is in the browser's
    favourite language.
    """
    pages: BoundedCache[KeptPage] = current_app.extensions[EXTENSION]
    page = pages.get(key)
    if page is None or not page.is_fresh(parts().clock(), parts().looks.known.version):
        page = _renewed(pages, key, render)
    without_session()
    return _response(page, max_age=max_age, by_language=by_language)


def without_session() -> None:
    """Let the answer to this request depend on no session and set no cookie."""
    g.is_without_session = True


class SessionsApart(SecureCookieSessionInterface):
    """Sessions that kept pages, and answers without one, know nothing of.

    Flask-Login looks into the session after every request, and Flask then adds `Vary: Cookie`, with which no cache
    would keep a page.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session's cookie and what depends on it, except on answers without a session."""
        if not g.get("is_without_session", False):
            super().save_session(app, session, response)


def register(app: Flask) -> None:
    """Give the application its kept pages."""
    app.session_interface = SessionsApart()
    app.extensions[EXTENSION] = BoundedCache[KeptPage](MOST_OCTETS, size=KeptPage.octets)


def _renewed(pages: BoundedCache[KeptPage], key: Hashable, render: Callable[[], Response | str]) -> KeptPage:
    """Render the page once for all threads that ask for it. The others get the last one if it has just ended."""
    clock, last, lock = parts().clock, pages.get(key), RENDERING[hash(key) % len(RENDERING)]
    look = parts().looks.known.version  # another may be saved while the page is rendered
    can_wait = last is not None and last.is_fresh(clock() - KEPT_FOR, look)
    if not lock.acquire(blocking=not can_wait) and last is not None:
        return last
    try:
        page = pages.get(key)
        if page is None or not page.is_fresh(clock(), look):  # no other thread has rendered it meanwhile
            page = _keep(render(), clock(), look)
            pages.replace(key, page)
        return page
    finally:
        lock.release()


def _keep(rendered: Response | str, now: datetime, look: int) -> KeptPage:
    response = rendered if isinstance(rendered, Response) else Response(rendered)
    body = response.get_data()
    is_kept_as_it_is = len(body) < MIN_COMPRESSED or response.mimetype in PICTURES
    return KeptPage(
        body=body,
        gzip=b"" if is_kept_as_it_is else gzip.compress(body, 6, mtime=0),
        brotli=b"" if is_kept_as_it_is else brotli.compress(body, quality=5),
        etag=hashlib.sha256(body).hexdigest()[:32],
        content_type=response.content_type,
        made_at=now,
        last_modified=response.last_modified,
        look=look,
    )


def _response(page: KeptPage, *, max_age: int | None, by_language: bool) -> BaseResponse:
    accepted = request.accept_encodings
    encoding, body = "", page.body
    if page.brotli and accepted["br"] > 0:
        encoding, body = "br", page.brotli
    elif page.gzip and accepted["gzip"] > 0:
        encoding, body = "gzip", page.gzip
    response = Response(body, content_type=page.content_type)
    if encoding:
        response.content_encoding = encoding
    # The same ETag for all encodings would be wrong (RFC 9110, section 8.8.3).
    etag = f"{page.etag}-{encoding}" if encoding else page.etag
    response.set_etag(etag)
    if page.last_modified is not None:  # werkzeug would write the time of now for None
        response.last_modified = page.last_modified
    of_the_page = tuple(header for header in response.headers if header[0].lower() in OF_THE_PAGE)
    request.environ[KEPT_PAGE] = KeptForm(request.endpoint or "", body, etag, of_the_page, page)
    if max_age is not None:
        response.headers["Cache-Control"] = f"public, max-age={max_age}"
    response.vary.add("Accept-Encoding")
    if by_language:
        response.vary.add("Accept-Language")
    return response.make_conditional(request)
