"""The fields of the desk's forms: how they are read, and how those that undo an action are written."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from digest.accounts.audit import NO_DETAILS, Change
from digest.admin import params
from digest.errors import InvalidInputError

MAX_STORIES = 200  # of one action; a page has far fewer

Fields = list[tuple[str, str]]
Form = MultiDict[str, str]


class DeskResult(NamedTuple):
    """What an action did: in words, in the audit trail's words, and how to undo it (no fields: it can't be undone).

    `change` has values for the trail, in which a form looks for who changed what it shows.
    """

    message: str
    action: str
    story_ids: Sequence[int]
    undo: Fields
    change: Change = NO_DETAILS


def read_stories(form: Form) -> list[int]:
    """The chosen stories. Raises InvalidInputError if there are none."""
    story_ids = read_ids(form, "stories")
    if not story_ids:
        raise InvalidInputError(_("Choose at least one story."))
    return story_ids


def read_ids(form: Form, name: str) -> list[int]:
    """The ids in a field, each once. Raises InvalidInputError."""
    texts = form.getlist(name)
    if len(texts) > MAX_STORIES:
        raise InvalidInputError(_("At most %(max)s stories at once.", max=MAX_STORIES))
    return list(dict.fromkeys(map(read_number, texts)))


def read_number(text: str) -> int:
    """An id. Raises InvalidInputError."""
    return params.parse_int({"story": text}, "story") or 0


def values_of(name: str, values: Iterable[object]) -> Fields:
    """A field for each value."""
    return [(name, str(value)) for value in values]


def undo_fields(action: str, **values: Iterable[object]) -> Fields:
    """The fields that undo an action: the name of what undoes it, and the values of each field."""
    fields = [field for name in values for field in values_of(name, values[name])]
    return [("action", action), *fields]
