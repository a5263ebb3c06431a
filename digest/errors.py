"""What can go wrong in a way that somebody can mend: every message names the value and the mend."""


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
