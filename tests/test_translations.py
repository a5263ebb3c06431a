"""The translations: each catalogue is complete, fits what the code asks for, and is read as it stands in the tree."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from digest.i18n.catalogs import (
    MAIL_LANGUAGES,
    NEWSROOM_LANGUAGES,
    PAGE_LANGUAGES,
    TRANSLATIONS_DIR,
    Domain,
    load_catalog,
    load_newsroom_catalog,
)
from digest.i18n.locales import localize_digits, text_direction
from digest.mail.templates import render

TREE = TRANSLATIONS_DIR.parent.parent
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")
CATALOGS: list[tuple[Domain, str]] = [
    *(("mails", language) for language in MAIL_LANGUAGES[1:]),
    *(("newsroom", language) for language in NEWSROOM_LANGUAGES[1:]),
    *(("pages", language) for language in PAGE_LANGUAGES[1:]),
]
# What marks texts in code, beside gettext's own names.
MARKS: dict[Domain, dict[str, None]] = {
    "mails": {"TranslatableText": None},
    "newsroom": {"NewsroomText": None, "__": None},
    "pages": {"TranslatableText": None},
}


@pytest.fixture(scope="module")
def extracted_messages() -> dict[str, set[str | tuple[str, str]]]:
    """What templates and code ask for, by domain: just what `make catalogs` would find."""
    found: dict[str, set[str | tuple[str, str]]] = {}
    for domain, marks in MARKS.items():
        with (TRANSLATIONS_DIR / f"{domain}.cfg").open(encoding="utf-8") as file:
            methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
        messages = extract_from_dir(TREE, methods, options, DEFAULT_KEYWORDS | marks)
        found[domain] = {m[2] if isinstance(m[2], str) else (m[2][0], m[2][1]) for m in messages}
    return found


def read_catalog(domain: Domain, language: str) -> Catalog:
    path = Path(TRANSLATIONS_DIR / language / "LC_MESSAGES" / f"{domain}.po")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


@pytest.mark.parametrize(("domain", "language"), CATALOGS)
def test_a_catalogue_has_all_that_is_asked_for_and_nothing_else(
    extracted_messages: dict[str, set[str | tuple[str, str]]], domain: Domain, language: str
) -> None:
    has = {m.id if isinstance(m.id, str) else tuple(m.id) for m in read_catalog(domain, language) if m.id}
    assert has == extracted_messages[domain]


@pytest.mark.parametrize(("domain", "language"), CATALOGS)
def test_every_message_is_translated_with_the_same_placeholders(domain: Domain, language: str) -> None:
    known = read_catalog(domain, language)
    for message in (m for m in known if m.id):
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        assert not message.fuzzy, message.id
        assert len(forms) == (1 if isinstance(message.id, str) else known.num_plurals), message.id
        assert all(forms), message.id
        for form in forms:
            names = set(PLACEHOLDER.findall(form))
            counted = {"%(n)s", "%(num)s"} if len(originals) > 1 else set()  # "one story" needs no number
            assert names | counted >= set(PLACEHOLDER.findall(originals[0])), message.id
            assert names <= set(PLACEHOLDER.findall(originals[0])), message.id


@pytest.mark.parametrize("language", NEWSROOM_LANGUAGES[1:])
def test_the_newsroom_and_the_readers_pages_translate_a_text_alike(language: str) -> None:
    pages = {message.id: message.string for message in read_catalog("pages", language)}
    newsroom = {message.id: message.string for message in read_catalog("newsroom", language)}
    shared = [text for text in pages.keys() & newsroom.keys() if text]
    assert "Save" in shared
    assert {text: newsroom[text] for text in shared} == {text: pages[text] for text in shared}
    together = load_newsroom_catalog(language)
    assert together.gettext("Skip to the content") != "Skip to the content"  # a text of the layout
    assert together.gettext("Newsroom") != "Newsroom"


def test_there_is_no_catalogue_that_nobody_reads() -> None:
    there = {(path.stem, path.parts[-3]) for path in TRANSLATIONS_DIR.glob("*/LC_MESSAGES/*.po")}
    assert there == set(CATALOGS)


def test_catalogues_are_read_without_being_compiled() -> None:
    assert list(TRANSLATIONS_DIR.rglob("*.mo")) == []
    assert load_catalog("mails", "de").gettext("Unsubscribe") == "Abbestellen"
    assert load_catalog("mails", "xx").gettext("Unsubscribe") == "Unsubscribe"


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, "1 новый сюжет"), (3, "3 новых сюжета"), (11, "11 новых сюжетов"), (22, "22 новых сюжета")],
)
def test_russian_counts_as_russians_do(count: int, told: str) -> None:
    words = load_catalog("mails", "ru")
    assert words.ngettext("%(n)s new story", "%(n)s new stories", count) % {"n": count} == told


def test_persian_and_arabic_run_from_right_to_left_and_persian_has_its_own_digits() -> None:
    assert {language for language in MAIL_LANGUAGES if text_direction(language) == "rtl"} == {"fa", "ar"}
    assert localize_digits("07:45", "fa") == "۰۷:۴۵"
    assert localize_digits("07:45", "ar") == "07:45"


@pytest.mark.parametrize("language", MAIL_LANGUAGES)
@pytest.mark.parametrize("letter", ["confirm", "link"])
def test_every_letter_can_be_written_in_every_language(language: str, letter: str) -> None:
    values = {"lang": language, "dir": text_direction(language), "site_name": "Dateline", "hour": "HOUR"}
    values |= {"regions": "REGIONS", "site_url": "https://a.example", "url": "https://a.example/x"}
    for name in ("subject.txt", "body.txt", "body.html"):
        written = render(f"{letter}/{name}", language, **values)
        assert name == "subject.txt" or ("REGIONS" in written and "https://a.example/x" in written)
