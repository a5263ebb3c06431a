"""One line of text for people: which characters a header, a headline or a name can't have.

`str.isprintable` is no measure for this. It also refuses what emoji, flags and Persian words are made of (joiners, tag
characters), and every character that is younger than Python's own tables.
"""

import re
import unicodedata

CONTROLS = (
    r"\x00-\x1f\x7f-\x9f\u2028\u2029"  # a mail may have no NUL (RFC 5322, section 4); the last two end lines
)
# Characters that embed or override the text direction would also reorder our own words after them (Unicode TR 36,
# 2.9), and right-to-left text does not need them. Lone surrogates can't be encoded; noncharacters and U+FFFD are not
# text.
NOT_TEXT = r"\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufff9-\uffff\ud800-\udfff" + "".join(
    chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17)
)
CONTROL_CHARACTERS = re.compile(f"[{CONTROLS}]+")
NOT_TEXT_CHARACTERS = re.compile(f"[{NOT_TEXT}]")
UNFIT_CHARACTERS = re.compile(f"[{CONTROLS}{NOT_TEXT}]")


def clean_line(text: str) -> str:
    """The text on one line, with single spaces; control characters count as spaces, and what is not text is removed."""
    if UNFIT_CHARACTERS.search(text):
        text = NOT_TEXT_CHARACTERS.sub("", CONTROL_CHARACTERS.sub(" ", text))
    return " ".join(text.split())


def clean_lines(text: str) -> str:
    """A text of several lines, each as `clean_line` leaves it, without empty lines at its ends."""
    return "\n".join(map(clean_line, text.splitlines())).strip("\n")


def is_one_line(text: str) -> bool:
    """Whether the text has none of the characters that `clean_line` replaces or removes. Any space is allowed."""
    return not UNFIT_CHARACTERS.search(text)


def is_invisible(character: str) -> bool:
    """Whether a character alone can't be seen: spaces, control and format characters, fillers, variation selectors."""
    return (
        character.isspace()
        or unicodedata.category(character) in {"Cc", "Cf"}
        or character in "\u034f\u115f\u1160\u2800\u3164\ufe0e\ufe0f\uffa0"
    )


def strip_invisible(text: str) -> str:
    """The text without the invisible characters at its ends, which copying often adds: byte order marks, say."""
    start, end = 0, len(text)
    while start < end and is_invisible(text[start]):
        start += 1
    while start < end and is_invisible(text[end - 1]):
        end -= 1
    return text[start:end]
