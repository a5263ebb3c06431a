"""Which article's picture a mail may show, and how large."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.articles.pure.shown_story import Report
from digest.editions.pure.display_text import address

WIDTH = 556  # pixels: the sheet's 620 without its margins
LEAST = 200  # pixels; what is smaller is an icon, or counts who reads
TALLEST = 1.5  # of the width; a mail that begins with a poster has its news below the first screen
USUAL = 9 / 16  # height by width where nobody says it: most programs put the picture's own in its place
# A name in the public DNS. A picture is asked for by whoever reads, from where they are: at an address of their own
# network it would do something there.
PUBLIC = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])")
OWN_NETWORKS = ("arpa", "corp", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture at its publisher's, and the size it is shown in."""

    url: str
    width: int
    height: int


def picture(report: Report) -> Picture | None:
    """The picture of an article, if it has one that a mail may show."""
    width, height = report.image_width, report.image_height
    if not (address(report.image) and _public(report.image)):
        return None
    if width is None or height is None:
        return Picture(report.image, WIDTH, round(WIDTH * USUAL))
    if min(width, height) < LEAST or height > width * TALLEST:
        return None
    shown = min(width, WIDTH)
    return Picture(report.image, shown, round(shown * height / width))


def _public(url: str) -> bool:
    """Whether an address is https at a public name and its usual port: nothing in a reader's own network."""
    try:
        parts = urlsplit(url)
        usual = parts.scheme == "https" and parts.port in (None, 443) and "@" not in parts.netloc
    except ValueError:  # no port, or no host: "https://[x"
        return False
    host = parts.hostname or ""
    return usual and bool(PUBLIC.fullmatch(host)) and host.rpartition(".")[2] not in OWN_NETWORKS
