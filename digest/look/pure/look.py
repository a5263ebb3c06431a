"""A look, and what it says in a language: the one place that decides what the site calls itself and how it looks.

Each value has up to four origins. The first that is not empty counts: the words saved for the language, those saved for
all languages, the environment, and what the program itself says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from digest.look.pure.palette import Palette, make_palette

ALL_LANGUAGES = "all"  # the key of the words that stand in where a language has none of its own
NOTHING_SAVED = 0  # the version of a look of which everything comes from the environment
UNSAVED = -1  # the version of a look that somebody is still writing
PAGE_LOGO_HEIGHT, MAIL_LOGO_HEIGHT = 56, 40  # CSS pixels
MAX_LOGO_WIDTH = 280  # CSS pixels; a phone of 360 pixels has room for it


class Masthead(StrEnum):
    """What stands at the head of pages and mails."""

    BOTH = "both"
    LOGO = "logo"
    NAME = "name"


class Origin(StrEnum):
    """Where a value comes from."""

    LANGUAGE = "language"
    ALL_LANGUAGES = "all"
    ENVIRONMENT = "environment"
    BUILT_IN = "built-in"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a look, in one language or for all. "" is not set."""

    name: str = ""
    tagline: str = ""
    sender: str = ""  # the display name of MAIL_FROM
    reply_to: str = ""  # a mailbox, perhaps with a name
    welcome: str = ""  # Markdown
    footer: str = ""  # Markdown
    postal_address: str = ""


WORD_NAMES = tuple(one.name for one in fields(Words))
NO_WORDS = Words()


class Logo(NamedTuple):
    """A stored picture: its address in the database, its size in pixels, and whether what is behind it shows."""

    key: str  # hash of the content, and the ending of the file
    width: int
    height: int
    is_transparent: bool

    def size(self, height: int) -> tuple[int, int]:
        """Width and height in CSS pixels: at most this height, never larger than the picture, and not too wide."""
        scale = min(1, height / self.height, MAX_LOGO_WIDTH / self.width)
        return max(round(self.width * scale), 1), max(round(self.height * scale), 1)


class OwnHead(NamedTuple):
    """What the head of pages and mails has in one language. None: what it has in all languages."""

    masthead: Masthead | None = None
    logo: Logo | None = None


NO_HEAD = OwnHead()


@dataclass(frozen=True, slots=True)
class ShownLook:
    """What the site says of itself and how it looks, in one language."""

    language: str
    words: Words
    palette: Palette
    logo: Logo | None = None
    masthead: Masthead = Masthead.BOTH

    @property
    def name(self) -> str:
        """The name of the publication."""
        return self.words.name

    @property
    def tagline(self) -> str:
        """The tagline that was saved; "" for none, and pages have the program's own in their language."""
        return self.words.tagline

    @property
    def takes_answers(self) -> bool:
        """Whether somebody reads what is answered to a mail."""
        return bool(self.words.reply_to)

    @property
    def shows_name(self) -> bool:
        """Whether the name is written in the masthead; if not, the logo stands for it."""
        return self.logo is None or self.masthead is not Masthead.LOGO

    @property
    def shown_logo(self) -> Logo | None:
        """The logo, if the masthead has it."""
        return self.logo if self.masthead is not Masthead.NAME else None


class Brand(NamedTuple):
    """The head of a mail. `logo_url` is "" without a logo; `is_plated`: in dark schemes it needs a light ground."""

    logo_url: str
    width: int
    height: int
    is_plated: bool
    shows_name: bool
    tagline: str


def logo_path(key: str) -> str:
    """Where the site serves a logo."""
    return f"/look/{key}"


def mail_brand(look: ShownLook, site_url: str) -> Brand:
    """The head of mails in a look."""
    logo = look.shown_logo
    if logo is None:
        return Brand("", 0, 0, is_plated=False, shows_name=True, tagline=look.tagline)
    width, height = logo.size(MAIL_LOGO_HEIGHT)
    url = site_url + logo_path(logo.key)
    return Brand(url, width, height, logo.is_transparent, look.shows_name, look.tagline)


@dataclass(frozen=True, eq=False)
class Look:
    """Everything that was saved, over what the environment says. Looks with the same version are the same."""

    version: int = NOTHING_SAVED
    words: Mapping[str, Words] = field(default_factory=dict)  # by language, and ALL_LANGUAGES
    colour: str = ""
    dark_colour: str = ""
    masthead: Masthead = Masthead.BOTH
    logo: Logo | None = None
    heads: Mapping[str, OwnHead] = field(default_factory=dict)  # by language, of those with one of their own
    environment: Words = NO_WORDS

    def shown(self, language: str) -> ShownLook:
        """The look in a language."""
        chosen = [
            self.words.get(language, NO_WORDS),
            self.words.get(ALL_LANGUAGES, NO_WORDS),
            self.environment,
        ]
        values = {name: next(filter(None, (getattr(w, name) for w in chosen)), "") for name in WORD_NAMES}
        own = self.heads.get(language, NO_HEAD)
        logo, masthead = own.logo or self.logo, own.masthead or self.masthead
        return ShownLook(language, Words(**values), self.palette, logo, masthead)

    def origin(self, name: str, language: str) -> Origin:
        """Where the value of a word comes from, as it is shown in a language."""
        if language != ALL_LANGUAGES and getattr(self.words.get(language, NO_WORDS), name):
            return Origin.LANGUAGE
        if getattr(self.words.get(ALL_LANGUAGES, NO_WORDS), name):
            return Origin.ALL_LANGUAGES
        return Origin.ENVIRONMENT if getattr(self.environment, name) else Origin.BUILT_IN

    @property
    def palette(self) -> Palette:
        """Its colours."""
        return make_palette(self.colour, self.dark_colour)

    def with_words(self, language: str, words: Words) -> Mapping[str, Words]:
        """The words of all languages, with these in one of them; none are kept for a language without any."""
        changed = {**self.words, language: words}
        return MappingProxyType({code: own for code, own in changed.items() if own != NO_WORDS})

    def with_head(self, language: str, head: OwnHead) -> Mapping[str, OwnHead]:
        """The heads of all languages, with this in one of them; none is kept for a language without its own."""
        changed = {**self.heads, language: head}
        return MappingProxyType({code: own for code, own in changed.items() if own != NO_HEAD})
