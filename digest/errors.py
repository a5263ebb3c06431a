"""Errors that people can correct. Each message names the wrong value and says what to do."""

from typing import Any


class TranslatableText(str):
    """A text in English that also has its pattern and values, so that pages can translate it.

    The pattern must be a literal in the call: `make catalogs` collects the patterns from the source code.
    """

    pattern: str
    values: dict[str, Any]

    def __new__(cls, text: str, /, **values: Any) -> "TranslatableText":
        """`text` is the pattern; it has a %(name)s for each of `values`."""
        translatable = super().__new__(cls, text % values if values else text)
        translatable.pattern, translatable.values = text, values
        return translatable


class NewsroomText(TranslatableText):
    """A text for editors: the newsroom translates it, and readers' pages do not show it."""


class DatelineError(Exception):
    """Base of all errors whose text is meant for the person who can correct them."""


class SettingsError(DatelineError):
    """One or more settings are wrong; the text has a line for each."""


class NotFoundError(DatelineError):
    """The named thing does not exist: a source, a region, an edition, the subscriber of a link."""


class InvalidInputError(DatelineError):
    """The input can't be used; the text says what is expected."""


class ConflictError(DatelineError):
    """The action is not possible in the present state, for example because the edition was already sent."""


class UnavailableError(DatelineError):
    """A service that we depend on (database, broker, mail server, remote site) does not answer."""
