"""What a source is called: its title without sections and boilerplate, else its site's name, else its host."""

import re

from digest.sources.pure.naming.name_words import name_words
from digest.sources.pure.text.markup import collapse_whitespace
from digest.sources.pure.urls import host_of, registrable_domain

MAX_NAME_LENGTH = 80  # characters of a name; longer titles are slogans
SEPARATOR = re.compile(r"\s+[-–—|:·•»>/~]+\s+|\s*(?:[|»›]|::)\s*|:\s+|\s+>\s*")
WORD = re.compile(r"[^\W_]+(?:['’\u200c][^\W_]+)*")
# What software writes before the name of a site, and what behind it.
BEFORE_NAME = frozenset(("rss", "rss2", "atom", "feed", "feeds", "xml"))
AFTER_NAME = BEFORE_NAME | {"search", "records", "record", "found", "results", "sitemap"}
MIN_MATCH_LENGTH = 3  # letters of a name that are looked for in the host's
# Hosts below these names are those of a site's feeds, not of another site.
SERVICE_LABELS = frozenset(("www", "m", "rss", "feeds", "feed", "amp"))


def name_source(title: str, *, site: str = "", link: str = "", url: str = "") -> str:
    """The name of a source with this title. `site` is the name of its site, `link` the site's address; "" if not known.

    >>> name_source("World", url="https://www.quay.example/world.xml")
    'quay.example'
    >>> name_source("NDTV News Search Records Found 1000", url="https://feeds.ndtv.example/x")
    'NDTV News'
    """
    address = link or url
    label = _letters(registrable_domain(address).partition(".")[0])
    for text in (title, site):
        parts = [collapse_whitespace(part) for part in SEPARATOR.split(_without_address(text))]
        kept = [
            part for part in map(_trim, parts) if part and (_is_of_host(part, label) or not _is_generic(part))
        ]
        if kept:
            own = next((part for part in kept if _is_of_host(part, label)), "")
            return _cut(own or (kept[0] if len(kept) == 1 else " – ".join(dict.fromkeys(kept))))
    return host_name(address)


def is_name(text: str) -> bool:
    """Whether a text can be the name of a site, and is not that of a section: "Home", "World news".

    >>> is_name("Latest news"), is_name("The Quay Review")
    (False, True)
    """
    return bool(text) and not _is_generic(text)


def is_poor_title(title: str) -> bool:
    """Whether a document's title names no site, or has words of its software in it.

    >>> is_poor_title("Top Stories"), is_poor_title("Quay Search Records Found 1000"), is_poor_title("Quay - World")
    (True, True, False)
    """
    parts = [collapse_whitespace(part) for part in SEPARATOR.split(_without_address(title))]
    return not any(is_name(part) and _trim(part) == part for part in parts)


def host_name(url: str) -> str:
    """The host of an address as a name: "quay.example" for "https://www.quay.example/world".

    >>> host_name("https://rss.quay.example:8443/world.xml")
    'quay.example'
    """
    host = host_of(url)
    labels = host.split(".")
    while len(labels) > 2 and labels[0] in SERVICE_LABELS:
        labels = labels[1:]
    name = ".".join(labels)
    try:
        return name.encode("ascii").decode("idna") if "xn--" in name else name or url
    except UnicodeError:
        return name


def _without_address(title: str) -> str:
    """The title; "" if it is only a web address, which stands in for a missing one."""
    return "" if title.startswith(("http://", "https://")) and " " not in title.strip() else title


def _trim(part: str) -> str:
    """A part of a title without the technical words at its ends; with them go their numbers: "Found 1000"."""
    words = part.split()
    letters = [word.strip("()[].,:").casefold() for word in words]
    end = len(words)
    while end and (letters[end - 1] in AFTER_NAME or letters[end - 1].isdigit() or not letters[end - 1]):
        end -= 1
    if not AFTER_NAME.intersection(letters[end:]):
        end = len(words)
    start = next((index for index in range(end) if letters[index] not in BEFORE_NAME), 0)
    return " ".join(words[start:end] or words).strip(" -–—|:,")


def _is_generic(part: str) -> bool:
    """Whether a part of a title names sections and says what feeds say, and nothing else."""
    words = [word.casefold().replace("’", "'") for word in WORD.findall(part)]
    known = name_words()
    if " ".join(words) in known.phrases:
        return True
    return all(word in known.words or word.isdigit() for word in words)


def _is_of_host(part: str, label: str) -> bool:
    """Whether a part of a title is what the host is called: "The Quay" for thequay.example, "NYT" for nytimes."""
    letters = _letters(part)
    if not label or len(letters) < MIN_MATCH_LENGTH or _letters(part).isdigit():
        return False
    if letters == label or letters.removeprefix("the") == label.removeprefix("the"):
        return True
    return not _is_generic(part) and (
        letters in label or (len(label) >= MIN_MATCH_LENGTH and label in letters)
    )


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAME_LENGTH else name[:MAX_NAME_LENGTH].rsplit(" ", 1)[0] + "…"
