"""Decides which source owns an article that several sources list.

A feed can list any page under any headline, so the source that is fetched from the page's own site has precedence.
"""

from dataclasses import dataclass
from enum import IntEnum

from digest.sources.pure.urls import registrable_domain


class Authority(IntEnum):
    """How much a source may say about a page, from least to most."""

    LISTS = 0  # the page is on another site, as with an aggregator
    CLAIMS = 1  # the source says it belongs to the page's site, but is fetched elsewhere: a feed service, or a liar
    OWNS = 2  # the source is fetched from the page's site


@dataclass(frozen=True, slots=True)
class SourceAddresses:
    """Where a source is fetched from (`url`), and the site that it says it belongs to (`link`)."""

    url: str
    link: str

    def authority_over(self, page: str) -> Authority:
        """How much this source may say about the page at this address."""
        site = registrable_domain(page)
        if site and site == registrable_domain(self.url):
            return Authority.OWNS
        return Authority.CLAIMS if site and site == registrable_domain(self.link) else Authority.LISTS


def takes_over(page: str, *, newcomer: SourceAddresses, holder: SourceAddresses) -> bool:
    """Whether a page's article passes from `holder` to `newcomer`, which lists it now.

    With equal authority (two feeds of one site, two aggregators) the holder keeps it.
    """
    return newcomer.authority_over(page) > holder.authority_over(page)
