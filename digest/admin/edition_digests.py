"""The digests on the page of an edition: a page of them, the most read first or as they were planned."""

from dataclasses import dataclass

from flask import request

from digest.admin.form_choices import page_language
from digest.admin.template_filters import Pager, make_pager, page_number
from digest.database import Tx
from digest.deliveries.store import deliveries
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionState
from digest.editions.store import editions
from digest.i18n.locales import language_name
from digest.parts import parts
from digest.subscribers.descriptions import describe_regions
from digest.subscribers.store import subscribers

PAGE = "digests"  # the parameter with the number of the page; that of the deliveries is "page"
AS_PLANNED = "planned"  # the value of the parameter "order" for the other order


@dataclass(frozen=True, slots=True)
class DigestSummary:
    """A digest of an edition: its regions and language in words, its stories, and the subscribers who get it."""

    digest: Digest
    regions: str
    language: str
    story_count: int
    subscriber_count: int


@dataclass(frozen=True, slots=True)
class DigestPage:
    """A page of an edition's digests, as an edition may have thousands."""

    rows: tuple[DigestSummary, ...]
    total: int
    has_readers: bool  # the deliveries of a frozen edition are not planned yet
    order: str  # "" for the most read first
    pages: Pager


def load_page(tx: Tx, edition: Edition) -> DigestPage:
    """The page of an edition's digests that the request asks for."""
    has_readers = edition.state != EditionState.FROZEN
    order = AS_PLANNED if request.args.get("order") == AS_PLANNED or not has_readers else ""
    counted = deliveries.digests_of_edition(tx, edition.id, most_read_first=not order, page=page_number(PAGE))
    rows = _summarize(tx, counted)
    total = editions.count_digests(tx, edition.id)
    pager = make_pager(total, deliveries.DIGESTS_ON_A_PAGE, rows, name=PAGE)
    return DigestPage(rows, total, has_readers, order, pager)


def _summarize(tx: Tx, counted: deliveries.CountedDigests) -> tuple[DigestSummary, ...]:
    tree, language = parts().tree, page_language()
    preferences = subscribers.preferences_by_key(
        tx, sorted({digest.preferences_key for digest, _count in counted})
    )
    return tuple(
        DigestSummary(
            digest,
            regions=describe_regions(tree, preferences[digest.preferences_key].regions, language),
            language=language_name(preferences[digest.preferences_key].language),
            story_count=sum(len(stories) for _slug, stories in digest.sections),
            subscriber_count=count,
        )
        for digest, count in counted
    )
