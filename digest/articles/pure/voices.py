"""Decides who speaks in a report, so that one voice is counted once however many pages repeat it.

Two feeds of one publisher are one voice. So are the copies of a news agency's report, and the agency itself.
"""

import re
from functools import lru_cache

from digest.sources.pure.urls import host_of, registrable_domain

# Sites at which many publishers have their feeds: the site says nothing about who owns a source.
SHARED_SITES = frozenset(
    (
        "google.com", "feedburner.com", "yahoo.com", "msn.com", "bing.com", "rss.app", "fetchrss.com", "rsshub.app",
        "feedly.com", "inoreader.com", "medium.com", "substack.com", "t.me", "telegram.org", "youtube.com",
        "reddit.com", "x.com", "twitter.com", "facebook.com",
    )
)  # fmt: skip
# Names as agencies are credited, in small letters; not those that are also ordinary words or other outlets.
AGENCY_NAMES = {
    "reuters": "reuters", "thomson reuters": "reuters", "рейтер": "reuters",
    "ap": "ap", "associated press": "ap", "the associated press": "ap",
    "afp": "afp", "agence france-presse": "afp", "agence france presse": "afp", "афп": "afp",
    "dpa": "dpa", "efe": "efe", "ansa": "ansa", "apa": "apa", "kyodo": "kyodo", "kyodo news": "kyodo",
    "yonhap": "yonhap", "xinhua": "xinhua", "tass": "tass", "тасс": "tass", "interfax": "interfax",
    "интерфакс": "interfax", "ria novosti": "ria", "риа новости": "ria", "anadolu": "anadolu",
    "anadolu agency": "anadolu", "ukrinform": "ukrinform", "укрінформ": "ukrinform",
    "kazinform": "kazinform", "азертадж": "azertac", "azertac": "azertac", "armenpress": "armenpress",
    "interpressnews": "interpressnews", "irna": "irna", "isna": "isna", "pti": "pti", "ani": "ani", "ians": "ians",
    "bernama": "bernama", "antara": "antara", "pa": "pa", "pa media": "pa",
    "the canadian press": "cp", "aap": "aap", "wam": "wam", "ntb": "ntb",
    "belga": "belga", "lusa": "lusa", "pap": "pap", "mti": "mti", "agerpres": "agerpres", "bta": "bta",
}  # fmt: skip
# Where agencies are credited in a text: "PARIS (AFP) –" before it, "(Reuters)" or "— AP" after it.
CREDIT_AT_START = re.compile(r"\(([^()\d]{2,30})\)\s*[-–—:]")
CREDIT_AT_END = re.compile(r"(?:\(([^()\d]{2,30})\)|[–—-]\s*([^\W\d][\w ]{1,29}))\W*$")
AFTER_AUTHOR = re.compile(r"\(([^()\d]{2,30})\)\s*$")  # "Ann Lind (Reuters)"
START_LENGTH, END_LENGTH = 90, 60  # characters in which a credit stands
BY_PREFIX = re.compile(r"^(?:by|от)\s+", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def owner_key(source_id: int | str, url: str, link: str) -> str:
    """Who owns a source: the registered domain that it is fetched from, or the site that it says it belongs to.

    `link` is that site. A source at a site that many share, without a site of its own, is its own owner.
    """
    for address in (url, link):
        site = registrable_domain(address)
        if site and site not in SHARED_SITES:
            return site
    return f"{host_of(url)}#{source_id}"


def credited_agency(author: str, text: str) -> str:
    """The news agency whose report this is, as a short name; "" if none is credited."""
    by_author = _agency(BY_PREFIX.sub("", author))
    if by_author:
        return by_author
    after_author = AFTER_AUTHOR.search(author)
    return (after_author and _agency(after_author[1])) or _agency(_agency_in(text))


def with_agency(author: str, text: str) -> str:
    """The author of a report, with the agency that its text credits: an excerpt does not show it.

    >>> with_agency("Ann Lind", "ALMATY (Reuters) - The port has grown.")
    'Ann Lind (Reuters)'
    """
    agency = _agency_in(text)
    if not agency or credited_agency(author, ""):
        return author
    return f"{author} ({agency})" if author else agency


def _agency_in(text: str) -> str:
    """The agency that a text credits, as written there; "" if it credits none that is known."""
    at_start = CREDIT_AT_START.search(text[:START_LENGTH])
    at_end = CREDIT_AT_END.search(text[-END_LENGTH:])
    names = [at_start[1]] if at_start else []
    names += [at_end[1] or at_end[2]] if at_end else []
    return next(filter(_agency, names), "")


def voice_of(owner: str, source_title: str, *, author: str = "", text: str = "") -> str:
    """Who speaks in a report: the agency whose report or copy it is, otherwise the owner of the source."""
    agency = _agency(source_title) or credited_agency(author, text)
    return f"agency:{agency}" if agency else owner


def _agency(name: str) -> str:
    return AGENCY_NAMES.get(" ".join(name.casefold().split()), "")
