"""Which values a look can have: what the form, a file and a command give is read here."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from digest.errors import InvalidInputError, NewsroomText
from digest.line_text import clean_line
from digest.look.pure.look import ALL_LANGUAGES, NO_HEAD, NO_WORDS, WORD_NAMES, Look, Masthead, OwnHead, Words
from digest.look.pure.palette import MIN_CONTRAST, least_contrast, nearest_readable, parse_colour
from digest.own_addresses import parse_mailbox

# Characters. The name stands in subjects and in the heads of mails on phones; the others have no more room either.
MAX_LENGTHS = MappingProxyType({
    "name": 60, "tagline": 120, "sender": 60, "reply_to": 200, "welcome": 4_000, "footer": 1_000, "postal_address": 250,
})  # fmt: skip
TEXTS = frozenset(("welcome", "footer"))  # Markdown with several lines


class LookError(InvalidInputError):
    """A value that a look can't have; `field` is its name, and `nearest` a colour that can be read instead."""

    def __init__(self, field: str, message: str, nearest: str = "") -> None:
        super().__init__(message)
        self.field, self.nearest = field, nearest


def read_words(values: Mapping[str, Any]) -> Words:
    """The words in one language. Raises LookError."""
    words = Words(**{name: _read_text(name, values.get(name, "")) for name in WORD_NAMES})
    if words.reply_to:
        try:
            mailbox = parse_mailbox(words.reply_to)
        except ValueError as error:
            raise LookError("reply_to", str(error)) from error
        words = replace(words, reply_to=mailbox.text)
    return words


def read_colour(text: str, *, is_dark: bool) -> str:
    """A colour in which text can be read in a scheme; "" for none. Raises LookError, with the nearest that passes."""
    field = "dark_colour" if is_dark else "colour"
    if not text.strip():
        return ""
    try:
        colour = parse_colour(text)
    except ValueError as error:
        message = NewsroomText('"%(text)s" is no colour (example: #0f5c63).', text=text[:20])
        raise LookError(field, message) from error
    found = least_contrast(colour, is_dark=is_dark)
    if found >= MIN_CONTRAST:
        return colour
    nearest = nearest_readable(colour, is_dark=is_dark)
    values = {"colour": colour, "found": f"{found:.1f}", "wanted": MIN_CONTRAST, "nearest": nearest}
    message = NewsroomText(
        "Text in %(colour)s has a contrast of %(found)s to 1 to what is behind it; it needs %(wanted)s (WCAG 2.2). "
        "The nearest colour that can be read is %(nearest)s.",
        **values,
    )
    raise LookError(field, message, nearest)


def read_masthead(text: str) -> Masthead:
    """What stands in the masthead; "" is logo and name. Raises LookError."""
    try:
        return Masthead(text or Masthead.BOTH)
    except ValueError as error:
        names = ", ".join(Masthead)
        message = NewsroomText('"%(text)s" is none of: %(names)s.', text=text[:20], names=names)
        raise LookError("masthead", message) from error


def read_own_masthead(text: str) -> Masthead | None:
    """What stands in the masthead in one language; "" is what stands in all. Raises LookError."""
    return read_masthead(text) if text else None


def read_look(values: Mapping[str, Any], languages: tuple[str, ...], before: Look) -> Look:
    """The look in a file: everything but the logo, over the environment of another look. Raises LookError."""
    words = {
        code: read_words(own)
        for code, own in _by_language(values, "words", (ALL_LANGUAGES, *languages), WORD_NAMES)
    }
    heads = {
        code: OwnHead(read_own_masthead(str(own.get("masthead") or "")))
        for code, own in _by_language(values, "heads", languages, OwnHead._fields)
    }
    return replace(
        before,
        words=MappingProxyType({code: own for code, own in words.items() if own != NO_WORDS}),
        heads=MappingProxyType({code: own for code, own in heads.items() if own != NO_HEAD}),
        colour=read_colour(str(values.get("colour") or ""), is_dark=False),
        dark_colour=read_colour(str(values.get("dark_colour") or ""), is_dark=True),
        masthead=read_masthead(str(values.get("masthead") or "")),
    )


def _by_language(
    values: Mapping[str, Any], field: str, languages: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects of each language in a field. Raises LookError for other languages, and for names that none has."""
    by_language = values.get(field, {})
    if not isinstance(by_language, Mapping):
        text = NewsroomText('"%(field)s" must be an object with a language for each key.', field=field)
        raise LookError(field, text)
    for code, own in by_language.items():
        if code not in languages or not isinstance(own, Mapping):
            text = NewsroomText(
                '"%(code)s" in "%(field)s" is no object of a language that pages have.',
                code=str(code)[:20],
                field=field,
            )
            raise LookError(field, text)
        if unknown := sorted(map(str, own.keys() - set(names))):
            text = NewsroomText('"%(name)s" is no value of "%(field)s".', name=unknown[0][:40], field=field)
            raise LookError(field, text)
        yield code, own


def _read_text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise LookError(name, NewsroomText('"%(name)s" must be a text.', name=name))
    text = value
    # Texts are cleaned when they are rendered, line by line; what the database can't hold is removed here.
    text = text.replace("\x00", "").replace("\r\n", "\n").strip() if name in TEXTS else clean_line(text)
    if len(text) > MAX_LENGTHS[name]:
        raise LookError(name, NewsroomText("At most %(max)d characters.", max=MAX_LENGTHS[name]))
    return text
