"""Pages of editions and of their digests, for programs that read all of them, and editions by their ids."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from digest.database import Tx, page_after
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionKind, EditionState


def editions_by_id(tx: Tx, ids: Collection[int]) -> dict[int, Edition]:
    """These editions by id; those that are deleted are missing."""
    return {edition.id: edition for edition in tx.scalars(select(Edition).where(Edition.id.in_(ids)))}


def editions_before(
    tx: Tx, kind: EditionKind | None, state: EditionState | None, *, before: int | None, limit: int
) -> Sequence[Edition]:
    """The editions with smaller ids than `before`, newest first; one more than `limit` if there are more."""
    exact = {Edition.kind: kind, Edition.state: state}
    query = select(Edition).where(*(column == value for column, value in exact.items() if value is not None))
    return page_after(tx, query, Edition.id, after=before, limit=limit, newest_first=True)


def digests_after(tx: Tx, edition_id: int, *, after: int | None, limit: int) -> Sequence[Digest]:
    """The digests of an edition with larger ids than `after`, by id; one more than `limit` if there are more."""
    query = select(Digest).where(Digest.edition_id == edition_id)
    return page_after(tx, query, Digest.id, after=after, limit=limit)
