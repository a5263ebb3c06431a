"""Cuts headlines to the room that subjects and preheaders have, where the words before the cut still make sense."""

import re
from functools import lru_cache

ELLIPSIS = "…"
# A pause in a sentence, in the scripts of the mails: what is cut away begins here.
PAUSE = re.compile(r"(?:[,;:،؛՝]|\s[–—-])\s")
LEAST_SHARE = 0.55  # of the room that a headline cut at a pause must fill
MAX_DANGLING = 3  # letters of a last word that says nothing without the next one: "of", "the", "и"
MAX_DANGLING_WORDS = 2
CLOSING = {"(": ")", "[": "]", "«": "»", "“": "”", "„": "“", "‹": "›"}
DANGLING_MARKS = " ,;:–—-،؛՝"


@lru_cache(maxsize=20_000)  # many digests quote the same headlines
def cut_headline(line: str, limit: int) -> str:
    """The headline if it fits into `limit` characters; else its beginning, up to a pause or a whole word, and "…"."""
    line = " ".join(line.split())
    if len(line) <= limit:
        return line
    room = line[:limit]  # one character more than what stays, because the ellipsis follows
    pauses = [match.start() for match in PAUSE.finditer(room) if match.start() >= limit * LEAST_SHARE]
    cut = room[: pauses[-1]] if pauses else _whole_words(room[: limit - 1], line)
    return _without_open_bracket(cut, limit).rstrip(DANGLING_MARKS) + ELLIPSIS


def _whole_words(room: str, line: str) -> str:
    """The whole words in the room, without short ones at the end that lead to the next word."""
    words = room.split(" ")
    if line[len(room) : len(room) + 1] != " ":
        words = words[:-1]
    if len(" ".join(words)) < len(room) / 2:
        return room  # one long word, or a script without blanks
    for _ in range(MAX_DANGLING_WORDS):
        if len(words) > 2 and len(words[-1]) <= MAX_DANGLING and words[-1].isalpha():
            words = words[:-1]
    return " ".join(words)


def _without_open_bracket(cut: str, limit: int) -> str:
    """Without the brackets and quotations that the cut has left open, if they begin near the end."""
    opened = [at for mark, end in CLOSING.items() if (at := cut.rfind(mark)) > cut.rfind(end)]
    return cut[: min((at for at in opened if at >= limit * LEAST_SHARE), default=len(cut))]
