"""What an edition takes from the look of the site: its mails are made in one, and first digests have its welcome."""

from digest.editions.models import Edition
from digest.editions.states import EDITABLE_STATES, EditionKind
from digest.look.pure.look import Look


def look_version(edition: Edition) -> int | None:
    """The version of the look in which an edition's mails are made; None for the one that counts now.

    It is settled when the edition is planned or frozen. Until then editors see what readers would get now.
    """
    return None if edition.state in EDITABLE_STATES else edition.look


def edition_note(edition: Edition, look: Look, language: str) -> str:
    """The words above the news of an edition; above those of first digests, the welcome in the reader's language."""
    if edition.kind != EditionKind.FIRST or edition.look is None:
        return edition.note
    return look.shown(language).words.welcome
