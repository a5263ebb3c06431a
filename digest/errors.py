"""What can go wrong in a way that somebody can mend: every message names the value and the mend."""

from typing import Any


class Sentence(str):
    """A text for readers: the English one, which also knows its pattern and values, so that pages can translate it.

    Patterns are written out where a sentence is made: that is where `make catalogs` finds them.
    """

    text: str
    values: dict[str, Any]

    def __new__(cls, text: str, /, **values: Any) -> "Sentence":
        """`text` has a %(name)s for each of the values."""
        made = super().__new__(cls, text % values if values else text)
        made.text, made.values = text, values
        return made


class DatelineError(Exception):
    """Base of all errors whose text is meant to be read by the person who can mend them."""


class SettingsError(DatelineError):
    """One or more settings are wrong; the text has a line for each."""


class NotFoundError(DatelineError):
    """What was named (a source, a region, an edition, a link's subscriber) is not there."""


class InvalidInputError(DatelineError):
    """What somebody typed or sent can't be used; the text says what would be right."""


class ConflictError(DatelineError):
    """The step is not possible in the state the thing is in now (an edition already sent, say)."""


class UnavailableError(DatelineError):
    """A part we depend on (database, broker, relay, a remote site) does not answer."""
