"""Whose article a link is, when several sources list it.

A feed can list anybody's page, with any headline. The source that is fetched from the page's own site has the say.
"""

from dataclasses import dataclass
from enum import IntEnum

from digest.sources.pure.urls import site_of


class Right(IntEnum):
    """What a source may say of a page, more and more."""

    LISTS = 0  # it is on another site, as an aggregator's entries are
    CLAIMS = 1  # it says to be of that site, and is fetched from elsewhere: a feed service, or a liar
    OWNS = 2  # it was fetched from that site


@dataclass(frozen=True, slots=True)
class Publisher:
    """Where a source is fetched from, and which site it says that it is of."""

    url: str
    link: str

    def right(self, page: str) -> Right:
        """What it may say of the page at this address."""
        site = site_of(page)
        if site and site == site_of(self.url):
            return Right.OWNS
        return Right.CLAIMS if site and site == site_of(self.link) else Right.LISTS


def takes_over(page: str, *, newcomer: Publisher, holder: Publisher) -> bool:
    """Whether a page's article passes from the source that has it to another that lists it now.

    Of equals the first one keeps it: two feeds of one site, or two aggregators.
    """
    return newcomer.right(page) > holder.right(page)
