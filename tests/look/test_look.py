"""What counts in a language: its own words, those for all languages, then those of the environment."""

import pytest

from digest.look.pure.look import (
    ALL_LANGUAGES,
    NO_HEAD,
    NO_WORDS,
    Logo,
    Look,
    Masthead,
    Origin,
    OwnHead,
    Words,
    mail_brand,
)
from digest.look.pure.look_values import LookError, read_look, read_words

ENVIRONMENT = Words(name="Dateline", postal_address="1 Test Street", welcome="Hello")
LOOK = Look(
    words={ALL_LANGUAGES: Words(name="Silk Road", tagline="Two seas"), "fa": Words(name="جادهٔ ابریشم")},
    environment=ENVIRONMENT,
)


def test_the_first_words_that_are_not_empty_count() -> None:
    persian, german = LOOK.shown("fa"), LOOK.shown("de")
    assert (persian.name, persian.tagline, persian.words.welcome) == ("جادهٔ ابریشم", "Two seas", "Hello")
    assert (german.name, german.tagline) == ("Silk Road", "Two seas")
    assert LOOK.shown(ALL_LANGUAGES).name == "Silk Road"
    assert Look(environment=ENVIRONMENT).shown("de").name == "Dateline"


def test_each_word_says_where_it_comes_from() -> None:
    assert LOOK.origin("name", "fa") is Origin.LANGUAGE
    assert LOOK.origin("name", "de") is Origin.ALL_LANGUAGES
    assert LOOK.origin("tagline", "fa") is Origin.ALL_LANGUAGES
    assert LOOK.origin("welcome", "fa") is Origin.ENVIRONMENT
    assert LOOK.origin("footer", "fa") is Origin.BUILT_IN


def test_words_that_are_taken_back_leave_no_trace() -> None:
    assert dict(LOOK.with_words("fa", NO_WORDS)) == {ALL_LANGUAGES: LOOK.words[ALL_LANGUAGES]}


def test_a_logo_fits_a_phone_and_is_never_enlarged() -> None:
    assert Logo("a.png", 840, 224, False).size(40) == (150, 40)
    assert Logo("a.png", 840, 60, False).size(56) == (280, 20)
    assert Logo("a.png", 30, 20, False).size(56) == (30, 20)


def test_the_head_of_a_mail_has_the_name_unless_a_logo_stands_for_it() -> None:
    logo = Logo("a.png", 200, 100, True)
    site = "https://news.example.org"
    alone = mail_brand(Look(logo=logo, masthead=Masthead.LOGO).shown("en"), site)
    assert (alone.shows_name, alone.logo_url, alone.is_plated) == (False, f"{site}/look/a.png", True)
    assert mail_brand(Look(logo=logo, masthead=Masthead.NAME).shown("en"), site).logo_url == ""
    assert mail_brand(Look(masthead=Masthead.LOGO).shown("en"), site).shows_name


def test_a_language_can_have_a_head_of_its_own() -> None:
    latin, arabic = Logo("latin.png", 200, 100, True), Logo("arabic.png", 200, 100, False)
    look = Look(
        logo=latin,
        masthead=Masthead.LOGO,
        heads={"fa": OwnHead(logo=arabic), "uk": OwnHead(Masthead.BOTH), "de": OwnHead(Masthead.NAME)},
    )
    shown = {code: look.shown(code) for code in ("en", "fa", "uk", "de")}
    assert {code: each.shown_logo for code, each in shown.items()} == {
        "en": latin,
        "fa": arabic,
        "uk": latin,
        "de": None,
    }
    assert [code for code, each in shown.items() if each.shows_name] == ["uk", "de"]
    assert dict(look.with_head("fa", NO_HEAD)) == {code: look.heads[code] for code in ("uk", "de")}


def test_words_are_one_line_and_no_longer_than_there_is_room() -> None:
    assert read_words({"name": " Silk\r\nRoad "}).name == "Silk Road"
    assert read_words({"footer": "one\r\ntwo"}).footer == "one\ntwo"
    assert read_words({"reply_to": "Ann <ann@EXAMPLE.org>"}).reply_to == "Ann <ann@example.org>"
    with pytest.raises(LookError) as refused:
        read_words({"name": "x" * 61})
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "text", ["nobody at home", "a@b\r\nBcc: c@example.org", "<a@example.org>, <b@example.org>"]
)
def test_answers_go_to_one_mailbox_or_nowhere(text: str) -> None:
    with pytest.raises(LookError) as refused:
        read_words({"reply_to": text})
    assert refused.value.field == "reply_to"


@pytest.mark.parametrize(
    "values",
    [
        {"words": []},
        {"words": {"xx": {"name": "A"}}},
        {"words": {"de": "A"}},
        {"words": {"de": {"title": "A"}}},
        {"colour": "#ffdd00"},
        {"masthead": "banner"},
        {"heads": {"all": {"masthead": "logo"}}},
        {"heads": {"de": {"masthead": "banner"}}},
        {"heads": {"de": {"colour": "#8b0050"}}},
        {"heads": []},
    ],
)
def test_a_file_with_what_no_look_can_have_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(LookError):
        read_look(values, ("en", "de"), Look())
