"""What the newsroom says about a document: what could not be read, and which entries became no article."""

from collections.abc import Sequence

from digest.articles.pure.drafts import DraftedDocument

MAX_NOTES = 20  # of one document; a document can have 500 entries without an address
MAX_NOTE_LENGTH = 300  # characters


def document_notes(
    warnings: Sequence[str], drafted: DraftedDocument, repeated_articles: int
) -> tuple[str, ...]:
    """The parser's warnings and what was left out, counted.

    `repeated_articles` is how many of the drafts repeat an article that another entry or source brought.

    >>> document_notes((), DraftedDocument([], repeated=2, problems=()), 1)
    ('3 entries repeat an article already taken',)
    """
    notes = list(warnings)
    if repeated := drafted.repeated + repeated_articles:
        verb = "entry repeats" if repeated == 1 else "entries repeat"
        notes.append(f"{repeated} {verb} an article already taken")
    notes += drafted.problems
    if len(notes) > MAX_NOTES:
        rest = len(notes) - MAX_NOTES + 1
        notes[MAX_NOTES - 1 :] = [f"and {rest} more notes like the last one"]
    return tuple(note[:MAX_NOTE_LENGTH] for note in notes)
