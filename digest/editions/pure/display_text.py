"""Strangers' words made fit to stand among ours, in a subject, a headline, a line of text."""

import re

TITLE = 300  # characters; articles are cut there too, but stories come from older rows as well
# Line ends and other controls (NUL among them, which no mail may carry: RFC 5322, section 4) are spaces.
CONTROLS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
# Embeddings and overrides of direction turn round what follows them, our words included (Unicode TR 36, 2.9); a
# paragraph's own direction needs none. Lone surrogates can't be encoded, noncharacters and U+FFFD are no text.
HARMFUL = re.compile(
    r"[\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)


def plain(text: str, limit: int = TITLE) -> str:
    """One line of at most `limit` characters without anything that a mail can't carry or a reader can't see."""
    return shortened(HARMFUL.sub("", CONTROLS.sub(" ", text[: limit * 4])), limit)


def shortened(text: str, limit: int) -> str:
    """The text cut at the last word that fits, with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1].rstrip()
    space = cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).rstrip(" ,;:–-") + "…"


def headline(title: str, excerpt: str, source: str) -> str:
    """What a story is called: its title, or of one without, how its excerpt begins, or who reports it."""
    return plain(title) or plain(excerpt, 80) or plain(source) or "…"


def address(url: str) -> str:
    """The address as a link may have it; "" for one that is none (`javascript:`, say) or too long for mail programs."""
    usable = url.startswith(("https://", "http://")) and len(url) <= 2000 and url.isprintable()
    return url if usable and not set(url) & set(' "<>') else ""


def language_of(tag: str, frame: str) -> str:
    """The language to mark a story with (BCP 47): "" where it is the frame's own, unknown, or no language tag."""
    tag = tag.replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", tag):
        return ""
    return "" if tag.partition("-")[0].lower() == frame.partition("-")[0] else tag
