"""The notes of a day: an editor's words above the news, and a subject, for all readers or for those of a region."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

MAX_NOTE_LENGTH = 1_000  # characters; a note is a paragraph or two above the news
MAX_SUBJECT_LENGTH = 78  # characters, as of every subject (RFC 5322, section 2.1.1)
MAX_NOTES = 3  # in one digest: the news must have room
FOR_ALL = "world"  # the region of a note for all readers


@dataclass(frozen=True, slots=True)
class DayNote:
    """A note of a day. Its words are Markdown; either they or the subject may be "", which changes nothing.

    It never changes once it is stored: another text is another note. So the digests that have it keep their words.
    """

    id: int
    region: str
    text: str
    subject: str
    author: str  # the editor's address
    created_at: datetime
    ends_at: datetime

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: an editor took back what was there before."""
        return not (self.text or self.subject)


CountriesOf = Callable[[str], frozenset[str]]


def notes_in_force(versions: Iterable[DayNote]) -> Sequence[DayNote]:
    """The last note of each region, without those that were taken back. The versions are in the order of their ids."""
    last = {version.region: version for version in versions}
    return tuple(note for note in last.values() if not note.is_empty)


def notes_for(
    notes: Iterable[DayNote], regions: Sequence[str], countries_of: CountriesOf
) -> tuple[DayNote, ...]:
    """The notes that readers of these regions get, that of the largest region first.

    A region's note is for those who chose the region or a part of it. Of more than MAX_NOTES those of the smallest
    regions count.
    """
    chosen = [(region, countries_of(region)) for region in regions]

    def is_meant(note: DayNote) -> bool:
        countries = countries_of(note.region)
        return note.region == FOR_ALL or any(
            region == note.region or (inside and inside <= countries) for region, inside in chosen
        )

    meant = sorted(filter(is_meant, notes), key=lambda note: (-len(countries_of(note.region)), note.id))
    return tuple(meant[-MAX_NOTES:])


def choose_subject(notes: Sequence[DayNote]) -> str:
    """The subject of the smallest region that has one; "" if none has, so that the news makes it."""
    return next((note.subject for note in reversed(notes) if note.subject), "")


def join_texts(note: str, day_notes: Iterable[DayNote]) -> str:
    """An edition's own note and the notes of the day, as the hash of a digest knows them."""
    return "\n\n".join(filter(None, (note, *(day_note.text for day_note in day_notes))))
