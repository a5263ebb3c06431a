"""Mends the HTML of an entry's text: shows emoji that are images, and drops footers that only their links tell."""

import html
import re
import unicodedata

TAIL_LENGTH = 2_500  # characters of HTML in which the last paragraph stands
END_LENGTH = 1_000  # characters of HTML after the last letter
MAX_FOOTER_TEXT = 80  # letters beside the links of a footer
MAX_LINK_TEXT = 25  # letters of a link in a row of links; headlines are longer
MAX_PARAGRAPHS = 4  # that are removed from the end of one text
MIN_LINKS = 2
IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]{1,40})"|'([^']{1,40})')""", re.IGNORECASE)
EMOJI_CLASS = re.compile(r"""\bclass\s*=\s*["'][^"']*(?:emoji|smiley)|/emoji/""", re.IGNORECASE)
# The end of the last paragraph, and what no reader sees after it.
PARAGRAPH_END = re.compile(
    r"</(p|div|small|em|li)\s*>(?:\s|&nbsp;|<br\s*/?>|<img\b[^<>]*>|</(?:div|ul|ol|section|article)\s*>)*\Z",
    re.IGNORECASE,
)
BLOCK = re.compile(r"<(?:p|div|li|ul|ol|table|h[1-6])\b", re.IGNORECASE)
LINK = re.compile(r"<a\b([^<>]*)>(.*?)</a\s*>", re.IGNORECASE | re.DOTALL)
HREF = re.compile(r"""\bhref\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
# Marks that make characters before them an emoji or join emoji: variation selector, joiner, keycap.
EMOJI_MARKS = frozenset("\ufe0f\u200d\u20e3")


def show_emoji(source: str) -> str:
    """HTML with the emoji that are images, as WordPress makes them, as characters.

    >>> show_emoji('Fest <img class="emoji" alt="🎉" src="https://s.example/1f389.svg">')
    'Fest 🎉'
    """
    return IMAGE.sub(_emoji_of, source)


def drop_link_footers(source: str, link: str) -> str:
    """HTML without the last paragraphs that link to the entry itself (`link`) and to its site, or are a row of links.

    They are footers in any language: "The post Ferry runs again appeared first on Quay".
    """
    for _ in range(MAX_PARAGRAPHS):
        start = _start_of_link_footer(source, link)
        if not start:
            break
        source = source[:start]
    return source


def _start_of_link_footer(source: str, link: str) -> int:
    """Where the last paragraph begins, if it is a footer; otherwise 0."""
    offset = max(0, len(source) - TAIL_LENGTH)
    if source.count("<a", offset) < MIN_LINKS:
        return 0
    end = PARAGRAPH_END.search(source, max(0, len(source) - END_LENGTH))
    start = source.rfind(f"<{end[1]}", offset, end.start()) if end else 0
    if not end or start <= 0:
        return 0
    inner = source[source.find(">", start) + 1 : end.start()]
    return start if not BLOCK.search(inner) and _is_footer(inner, link) else 0


def _is_footer(inner: str, link: str) -> bool:
    links = LINK.findall(inner)
    if len(links) < MIN_LINKS:
        return False
    beside = _text_length(LINK.sub(" ", inner))
    if not beside:
        return all(_text_length(text) <= MAX_LINK_TEXT for _, text in links)
    targets = [html.unescape(match[1]) for attributes, _ in links if (match := HREF.search(attributes))]
    return beside <= MAX_FOOTER_TEXT and any(_is_same_page(target, link) for target in targets)


def _is_same_page(target: str, link: str) -> bool:
    return bool(link) and target.partition("?")[0].rstrip("/") == link.partition("?")[0].rstrip("/")


def _text_length(fragment: str) -> int:
    """The characters of a text that are letters or digits."""
    return sum(character.isalnum() for character in html.unescape(TAG.sub(" ", fragment)))


def _emoji_of(image: re.Match[str]) -> str:
    """The characters that an image stands for, or the image."""
    alt = ALT.search(image[0])
    text = (alt[1] or alt[2]) if alt else ""
    return text if text and (EMOJI_CLASS.search(image[0]) or _is_emoji(html.unescape(text))) else image[0]


def _is_emoji(text: str) -> bool:
    has_symbol = any(unicodedata.category(character) == "So" or character == "\u20e3" for character in text)
    return has_symbol and all(
        character in EMOJI_MARKS
        or unicodedata.category(character) in ("So", "Sk", "Zs")
        or character in "#*0123456789"
        for character in text
    )
