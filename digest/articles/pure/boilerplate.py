"""Removes from a feed's text what publishers' software adds: footers, invitations to read on, rows of links.

The words are in `data/boilerplate.toml`. They count in all languages at once, because many feeds mix languages.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

DATA = Path(__file__).parent.parent / "data" / "boilerplate.toml"
MAX_NAME_LENGTH = 300  # characters of a headline in a footer
MAX_SITE_LENGTH = 150
# Characters at the end of a text in which a footer stands.
TAIL_LENGTH = MAX_NAME_LENGTH + MAX_SITE_LENGTH + 80
MAX_INVITATION_LENGTH = 60
MAX_ROW_LENGTH = 250
MAX_REMOVALS = 6  # from the end of one text: a row of links below a footer below an invitation
MIN_SHARED_WORDS = 0.5  # of a headline and of what stands in its place in a footer
ARABIC_MARK = re.compile("[\u064b-\u0652]")
SENTENCE_END = re.compile(r"[.!?…։。؟۔]['\"”’»)\]]*\s")
ONLY_ADDRESSES = re.compile(r"(?:https?://|www\.)\S+(?:\s+(?:https?://|www\.)\S+)*")
# What may follow an invitation, and what stands before it: the end of a sentence, an arrow or an opening bracket.
AFTER_INVITATION = " \t\n.…»>→›:])"
BEFORE_INVITATION = '.!?…։。؟۔:|»>→"”)][(«'
QUOTES = " \"'„“”«»‘’"
OPENING = "[(«→>"
ROW_START = re.compile(r"[.!?…։。؟۔]['\"”’»)\]]*(?=\s)")
SEPARATOR = re.compile(r"[|·•/]")
CUT_MARKS = ("[…]", "[...]", "[&hellip;]")
# "submitted by /u/ann to r/harbour", of Reddit; "Comments URL: … Points: 3 # Comments: 1", of Hacker News' feeds.
FORUM_FOOTER = re.compile(
    r"(?:^|\s)(?:submitted\s+by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?"
    r"|(?:article url:\s*\S+\s+)?comments url:\s*\S+\s+points:\s*\d+\s+#\s*comments:\s*\d+)\s*$",
    re.IGNORECASE,
)
FORUM_WORDS = ("submitted", "comments url")  # of which each such footer has one


@dataclass(frozen=True, slots=True)
class _Footer:
    """A footer's wording. Most texts lack `literal`, its longest part, so that the pattern is compiled when needed."""

    literal: str
    pattern_text: str
    begins_with_title: bool

    @property
    def pattern(self) -> re.Pattern[str]:
        return _compiled(self.pattern_text)


def is_only_addresses(text: str) -> bool:
    """Whether a text is a web address and nothing else.

    >>> is_only_addresses("https://news.example/a")
    True
    """
    return ONLY_ADDRESSES.fullmatch(text.strip()) is not None


@lru_cache(maxsize=8)  # an entry's text and its excerpt are often made of the same words, one after the other
def without_footers(text: str, title: str = "") -> str:
    """A plain text without the footers, invitations and rows of links at its end; `title` is its headline.

    >>> without_footers("Мост открыт. Сообщение Мост появились сначала на Причал.", "Мост")
    'Мост открыт.'
    """
    for _ in range(MAX_REMOVALS):
        start = _start_of_ending(text, title)
        if start is None:
            break
        text = text[:start].rstrip()
    return text


@cache
def words(kind: str) -> frozenset[str]:
    """The words of one kind in all languages, in small letters: "read_more", "links" or "by"."""
    return frozenset(word for language in _data().values() for word in language[kind])


def _start_of_ending(text: str, title: str) -> int | None:
    """Where the last footer, invitation or row of links begins; None if the text ends with none."""
    offset = max(0, len(text) - TAIL_LENGTH)
    tail = _with_usual_apostrophes(text[offset:]).rstrip()
    starts = (find(tail, title) for find in ENDINGS)
    start = next((start for start in starts if start is not None), None)
    return None if start is None else offset + start


def _start_of_invitation(tail: str, title: str) -> int | None:
    """Where an invitation to read on begins; some repeat the headline: 'Continue reading "Ferry runs again" →'."""
    core = tail.rstrip(AFTER_INVITATION)
    if title and core.rstrip(QUOTES).endswith(title):
        core = core.rstrip(QUOTES).removesuffix(title).rstrip(QUOTES + ":")
    if not core.rstrip(" -–—").lower().endswith(_invitations()):
        return None
    first = max(0, len(core) - MAX_INVITATION_LENGTH)
    boundary = max(core.rfind(character, first) for character in BEFORE_INVITATION)
    if boundary < 0 and first:
        return None
    after = boundary + 1
    if core[after:].strip(" -–—").lower() not in words("read_more"):
        return None
    return after - 1 if after and core[after - 1] in OPENING else after


def _start_of_brackets(tail: str, _: str) -> int | None:
    """Where the last links in brackets begin: "[link] [comments]", "[…]"."""
    if not tail.endswith("]"):
        return None
    start = tail.rfind("[")
    inner = tail[start + 1 : -1].strip().lower()
    is_ending = tail.endswith(CUT_MARKS) or inner in words("links") or inner in words("read_more")
    return start if start >= 0 and is_ending else None


def _start_of_row(tail: str, _: str) -> int | None:
    """Where a row of links begins: "Comments (3) | Share | Print"."""
    if not SEPARATOR.search(tail, max(0, len(tail) - MAX_INVITATION_LENGTH)):
        return None
    first = max(0, len(tail) - MAX_ROW_LENGTH)
    ends = [match.end() for match in ROW_START.finditer(tail, first)]
    start = ends[-1] if ends else first
    parts = [part.strip(" ()0123456789").lower() for part in SEPARATOR.split(tail[start:])]
    names = [part for part in parts if part]
    return start if len(names) > 1 and all(name in words("links") for name in names) else None


def _start_of_footer(tail: str, title: str) -> int | None:
    small = tail.lower()
    if any(word in small for word in FORUM_WORDS) and (match := FORUM_FOOTER.search(tail)):
        return match.start()
    # The longest word of the headline tells most texts apart, quicker than all the wordings would.
    has_title = max(title.lower().split(), key=len, default="") in small
    likely = [
        footer
        for literal, footers in _footers(with_title=has_title).items()
        if literal in small
        for footer in footers
    ]
    for footer in sorted(likely, key=lambda footer: footer.begins_with_title):  # the others are more exact
        for match in footer.pattern.finditer(tail):
            start = _start_of_match(tail, match, footer, _with_usual_apostrophes(title))
            if start is not None:
                return start
    return None


ENDINGS = (_start_of_invitation, _start_of_brackets, _start_of_row, _start_of_footer)


def _with_usual_apostrophes(text: str) -> str:
    return text.replace("’", "'").replace("ʼ", "'").replace("`", "'")


def _start_of_match(tail: str, match: re.Match[str], footer: _Footer, title: str) -> int | None:
    """Where a footer begins; None if it has other words than the headline in its place: then it is a sentence."""
    if not footer.begins_with_title:
        is_footer = not title or not match.lastindex or _is_same_title(match[1], title)
        return match.start() if is_footer else None
    before = tail[: match.start()].rstrip(" \"'”»“")
    if title and before.endswith(title):
        return len(before) - len(title)
    ends = [end.end() for end in SENTENCE_END.finditer(tail, 0, match.start())]
    start = ends[-1] if ends else 0
    return start if not title or _is_same_title(before[start:], title) else None


def _is_same_title(text: str, title: str) -> bool:
    """Whether two texts share half of their words: publishers cut and mend headlines."""
    first, second = set(text.lower().split()), set(title.lower().split())
    return len(first & second) >= MIN_SHARED_WORDS * min(len(first), len(second)) and bool(first & second)


@cache
def _invitations() -> tuple[str, ...]:
    return tuple(words("read_more"))


@cache
def _data() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


@cache
def _footers(*, with_title: bool) -> Mapping[str, Sequence[_Footer]]:
    """The footers by their longest literal part: all of them, or those that name no headline."""
    by_literal: defaultdict[str, list[_Footer]] = defaultdict(list)
    for wording in (wording for language in _data().values() for wording in language["footers"]):
        footer = _footer(wording)
        if with_title or wording.count("{}") == 1:
            by_literal[footer.literal].append(footer)
    return by_literal


def _footer(wording: str) -> _Footer:
    parts = wording.split("{}")
    begins_with_title = not parts[0]
    literals = [part.strip() for part in parts if part.strip()]
    has_title = begins_with_title or len(parts) > 2
    title = f"(.{{0,{MAX_NAME_LENGTH}}}?)" if has_title and not begins_with_title else ""
    site = f".{{0,{MAX_SITE_LENGTH}}}?"
    shown = (
        [_escape(part) for part in (parts[1].lstrip(), *parts[2:])]
        if begins_with_title
        else list(map(_escape, parts))
    )
    inner = shown[0] + "".join(
        (title if index == 0 and title else site) + part for index, part in enumerate(shown[1:])
    )
    # The name of a site may have a full stop in it, but no second sentence follows it.
    rest = rf"(?:[^.!?։。؟]|[.!?](?=\S|\s*$)|[։。؟]\s*$){{0,{MAX_SITE_LENGTH}}}$"
    longest = max(literals, key=len)
    return _Footer(ARABIC_MARK.split(longest)[0], rf"(?<!\w)\W{{0,3}}{inner}{rest}", begins_with_title)


@cache
def _compiled(pattern_text: str) -> re.Pattern[str]:
    return re.compile(pattern_text, re.IGNORECASE | re.DOTALL)


def _escape(part: str) -> str:
    """A part of a wording as a pattern: any white space, and vowel signs of Arabic that may be missing."""
    escaped = re.sub(r"(?:\\ )+", r"\\s+", re.escape(part.replace("ً", "")))
    return escaped.replace("أولا", "أولً?اً?")
