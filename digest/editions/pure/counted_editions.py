"""Which editions' stories are counted when they are opened, and whether an edition is counted by itself."""

from digest.editions.states import EditionKind
from digest.opens.pure.counted_links import NO_EDITION


def counted_edition(kind: EditionKind, edition_id: int) -> int | None:
    """The edition that the links of a digest name; None if they are not counted.

    Tests reach no reader. The first digests of a quarter of an hour often have one reader, so their links name no
    edition.
    """
    match kind:
        case EditionKind.TEST:
            return None
        case EditionKind.FIRST:
            return NO_EDITION
        case EditionKind.SCHEDULED | EditionKind.MANUAL:
            return edition_id
