"""What forms and addresses give, taken only within bounds."""

from collections.abc import Mapping

from flask_babel import gettext as _

from digest.errors import InvalidInputError

LARGEST = 2**31 - 1  # of an id: PostgreSQL's integer; databases answer larger numbers with an error


def whole(values: Mapping[str, str], name: str, *, least: int = 1, most: int = LARGEST) -> int | None:
    """The whole number of this name; None when there is none or it is empty. Raises InvalidInputError."""
    text = values.get(name, "").strip()
    if not text:
        return None
    short = text.isdecimal() and len(text) <= len(str(LARGEST))  # Python reads no number of 5,000 digits
    if not short or not least <= int(text) <= most:
        told = {"text": text[:20], "name": name, "least": least, "most": most}
        raise InvalidInputError(
            _('"%(text)s" is no %(name)s: that is a whole number from %(least)s to %(most)s.', **told)
        )
    return int(text)


def slot(values: Mapping[str, str]) -> str:
    """What makes a page's button work once; in a namespace of its own, so that no form names another's edition."""
    named = values.get("slot", "")
    return f"form/{named}" if named else ""
