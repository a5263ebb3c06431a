"""Decides whether a mail may show an article's picture, and how large."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.articles.pure.shown_story import ShownArticle
from digest.editions.pure.display_text import safe_url

MAX_WIDTH = 556  # pixels: the mail's width of 620 without its margins
MIN_SIDE = 200  # pixels; smaller pictures are icons or tracking pixels
MAX_ASPECT = 1.5  # height by width; a taller picture would push all news below the first screen
# Height by width of a picture of unknown size; most mail programs then show it in its real proportions.
DEFAULT_ASPECT = 9 / 16
# A name in the public DNS. The subscriber's mail program loads the picture, and a request to an address in the
# subscriber's local network could trigger an action there.
PUBLIC_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])")
PRIVATE_DOMAINS = ("arpa", "corp", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost")


@dataclass(frozen=True, slots=True)
class Picture:
    """The URL of a picture at its publisher, and the size in pixels to show it in."""

    url: str
    width: int
    height: int


def choose_picture(article: ShownArticle) -> Picture | None:
    """The picture of an article; None when it has none that a mail may show."""
    width, height = article.image_width, article.image_height
    if not (safe_url(article.image) and _is_public(article.image)):
        return None
    if width is None or height is None:
        return Picture(article.image, MAX_WIDTH, round(MAX_WIDTH * DEFAULT_ASPECT))
    if min(width, height) < MIN_SIDE or height > width * MAX_ASPECT:
        return None
    shown_width = min(width, MAX_WIDTH)
    return Picture(article.image, shown_width, round(shown_width * height / width))


def _is_public(url: str) -> bool:
    """Whether a URL is https, with a public host name and the default port, so that it leads to no local network."""
    try:
        parts = urlsplit(url)
        is_plain_https = parts.scheme == "https" and parts.port in (None, 443) and "@" not in parts.netloc
    except ValueError:  # an invalid port or host: "https://[x"
        return False
    host = parts.hostname or ""
    return (
        is_plain_https
        and bool(PUBLIC_HOST.fullmatch(host))
        and host.rpartition(".")[2] not in PRIVATE_DOMAINS
    )
