"""The form for the look: what it shows of a look, and what somebody typed into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict

from digest.admin.texts import translated
from digest.database import Database
from digest.errors import InvalidInputError
from digest.i18n.catalogs import PAGE_LANGUAGES
from digest.i18n.locales import language_name
from digest.look import store
from digest.look.logos import MAX_UPLOAD, read_picture
from digest.look.pure.look import (
    ALL_LANGUAGES,
    NO_HEAD,
    NO_WORDS,
    WORD_NAMES,
    Logo,
    Look,
    Masthead,
    Origin,
    OwnHead,
    Words,
)
from digest.look.pure.look_values import (
    MAX_LENGTHS,
    TEXTS,
    LookError,
    read_colour,
    read_masthead,
    read_own_masthead,
    read_words,
)

# The settings that say what is shown where nothing is saved.
VARIABLES = {
    "name": "SITE_NAME", "sender": "MAIL_FROM", "reply_to": "REPLY_TO", "welcome": "WELCOME",
    "postal_address": "POSTAL_ADDRESS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WordField:
    """A field for words: what is in it, and what readers get while it is empty, with where that comes from."""

    name: str
    label: str
    hint: str
    value: str
    stand_in: str
    origin: str
    is_text: bool  # several lines
    max_length: int


class Appearance(NamedTuple):
    """What is the same in all languages."""

    colour: str
    dark_colour: str
    masthead: Masthead
    logo: Logo | None


@dataclass(frozen=True, slots=True)
class TypedLook:
    """What was typed for a language: the form for all has an appearance, that of one language a head of its own."""

    language: str
    words: Words
    appearance: Appearance | OwnHead

    def over(self, look: Look) -> Look:
        """A look with what was typed in its place."""
        changed = replace(look, words=look.with_words(self.language, self.words))
        if isinstance(self.appearance, OwnHead):
            return replace(changed, heads=look.with_head(self.language, self.appearance))
        colour, dark_colour, masthead, logo = self.appearance
        return replace(changed, colour=colour, dark_colour=dark_colour, masthead=masthead, logo=logo)


def parse_language(text: str) -> str:
    """A language of pages, or ALL_LANGUAGES. Raises InvalidInputError."""
    if (text or ALL_LANGUAGES) not in (ALL_LANGUAGES, *PAGE_LANGUAGES):
        raise InvalidInputError(_('"%(text)s" is no language that pages have.', text=text[:20]))
    return text or ALL_LANGUAGES


def read_form(form: "MultiDict[str, str]", logo: Logo | None) -> TypedLook:
    """What was typed. Raises LookError for the first value that a look can't have."""
    language = parse_language(form.get("language", ""))
    words = read_words(form)
    if language != ALL_LANGUAGES:
        return TypedLook(language, words, OwnHead(read_own_masthead(form.get("masthead", "")), logo))
    appearance = Appearance(
        read_colour(form.get("take_colour") or form.get("colour", ""), is_dark=False),
        read_colour(form.get("take_dark_colour") or form.get("dark_colour", ""), is_dark=True),
        read_masthead(form.get("masthead", "")),
        logo,
    )
    return TypedLook(language, words, appearance)


def read_logo(
    db: Database, form: "MultiDict[str, str]", file: FileStorage | None, now: datetime
) -> Logo | None:
    """The logo that a form has: a new file, which is stored at once, or the one that was there. Raises LookError."""
    if file is not None and file.filename:
        try:
            picture = read_picture(file.read(MAX_UPLOAD + 1))
        except InvalidInputError as error:
            raise LookError("logo_file", translated(error)) from error
        with db.begin() as tx:
            store.add_picture(tx, picture, now)
        return picture.logo
    if "no_logo" in form:
        return None
    with db.read() as tx:
        return store.find_logo(tx, form.get("logo", "")[:40])


def word_fields(look: Look, language: str, typed: "Mapping[str, str] | None") -> Sequence[WordField]:
    """The fields for the words in a language, with what was typed or what is saved."""
    saved = look.words.get(language, NO_WORDS)
    without = replace(
        look, words=look.with_words(language, NO_WORDS)
    )  # what readers get while a field is empty
    shown = without.shown(language).words
    return [
        WordField(
            name,
            *_labels()[name],
            value=typed.get(name, "") if typed is not None else getattr(saved, name),
            stand_in=getattr(shown, name),
            origin=_describe_origin(without.origin(name, language), name),
            is_text=name in TEXTS,
            max_length=MAX_LENGTHS[name],
        )
        for name in WORD_NAMES
    ]


def language_tabs(look: Look, language: str) -> Sequence[tuple[str, str, bool, bool]]:
    """The languages that have a form: code, name, whether words of their own are saved, whether it is shown."""
    names = {ALL_LANGUAGES: _("All languages"), **{code: language_name(code) for code in PAGE_LANGUAGES}}
    return [
        (code, name, code in look.words or code in look.heads, code == language)
        for code, name in names.items()
    ]


def saved_head(look: Look, language: str) -> OwnHead:
    """What is saved of the head, of a language or for all."""
    return (
        OwnHead(look.masthead, look.logo) if language == ALL_LANGUAGES else look.heads.get(language, NO_HEAD)
    )


def masthead_names(language: str) -> Mapping[str, str]:
    """What may stand in the masthead; "" is what stands in that of all languages."""
    inherited = {} if language == ALL_LANGUAGES else {"": _("As in all languages")}
    return inherited | {
        Masthead.BOTH: _("Logo and name"),
        Masthead.LOGO: _("Logo alone"),
        Masthead.NAME: _("Name alone"),
    }


def _describe_origin(origin: Origin, name: str) -> str:
    match origin:
        case Origin.ALL_LANGUAGES:
            return str(_("the words for all languages"))
        case Origin.ENVIRONMENT:
            return str(_("%(setting)s in the environment", setting=VARIABLES.get(name, "")))
        case Origin.BUILT_IN if name == "tagline":
            return str(_("the program, in the language of the page"))
        case Origin.BUILT_IN if name == "sender":
            return str(_("the name of the publication"))
        case Origin.BUILT_IN if name == "reply_to":
            return str(_("none: answers go to the address in MAIL_FROM"))
        case _:
            return str(_("nothing"))


def word_labels() -> dict[str, str]:
    """The label of each field for words."""
    return {name: label for name, (label, _hint) in _labels().items()}


def _labels() -> Mapping[str, tuple[str, str]]:
    """The label and hint of each field."""
    return {
        "name": (
            _("Name of the publication"),
            _("In mastheads, subjects of letters, feeds and titles of pages."),
        ),
        "tagline": (_("Tagline"), _("At the head of pages; in mails too, once it is written here.")),
        "sender": (
            _("Name of the sender"),
            _("Readers see it in their list of mails; the address is that of MAIL_FROM."),
        ),
        "reply_to": (
            _("Answers go to"),
            _("A mailbox that somebody reads, as news@example.org or Name <news@example.org>."),
        ),
        "welcome": (
            _("Welcome text"),
            _("Above the first digest, and on the page after confirming. Markdown."),
        ),
        "footer": (
            _("Footer"),
            _(
                "At the end of pages and digests. Markdown: **bold**, *italics*, [a link](https://example.org)."
            ),
        ),
        "postal_address": (
            _("Postal address"),
            _("At the end of every digest; the law of many countries requires one."),
        ),
    }
