"""Strangers' words among ours: nothing that a mail can't carry, nothing that turns our own words round."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.editions.pure.display_text import (
    MAX_TITLE_LENGTH,
    choose_headline,
    lang_attribute,
    safe_url,
    sanitize_line,
)
from digest.editions.pure.headline_cuts import cut_headline
from digest.editions.pure.preheader import MAX_LENGTH, build_preheader, not_in_subject
from digest.mail.pure.text_wrapping import WIDTH, wrap_text


@given(st.text(st.characters(exclude_categories=()), max_size=400))
@example("a\x00b\x1fc\x7f")
@example("\ud800 a lone surrogate")
@example("\u202egnirts desrever")
@example("\U0001fffe\ufffe\ufffd")
def test_whatever_comes_a_mail_can_carry_it(text: str) -> None:
    kept = sanitize_line(text)
    assert len(kept) <= MAX_TITLE_LENGTH
    kept.encode()
    assert not set(kept) & {"\x00", "\n", "\r", "\u2028", "\u2029", "\ufffd", "\ufffe"}
    assert not any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in kept)
    assert kept == " ".join(kept.split())


def test_what_makes_words_of_persian_hindi_and_families_stays() -> None:
    for text in ("می‌شود", "क्‍ष", "👩‍👩‍👧‍👦 🇰🇿", "Қазақстан — жаңалықтар", "e\u0301té"):
        assert sanitize_line(text) == text


def test_a_title_of_ten_thousand_characters_is_cut_at_a_word() -> None:
    cut = sanitize_line("word " * 2000)
    assert len(cut) <= MAX_TITLE_LENGTH
    assert cut.endswith("word…")
    assert len(sanitize_line("x" * 10_000)) == MAX_TITLE_LENGTH


def test_a_story_without_a_title_is_called_by_what_there_is() -> None:
    assert choose_headline("\x00 ", "It rained. " * 20, "Post").startswith("It rained.")
    assert choose_headline("", "", "The Steppe Post") == "The Steppe Post"
    assert choose_headline("🐎🐎🐎", "", "") == "🐎🐎🐎"
    assert choose_headline("", "", "") == "…"


@pytest.mark.parametrize(
    "url",
    ["", "javascript:alert(1)", "ftp://a.example", "https://a.example/\n", 'https://a.example/"x', "/x", "https://" + "a" * 2000],  # noqa: E501
)  # fmt: skip
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    assert safe_url(url) == ""


@pytest.mark.parametrize(
    "url", ["https://a.example/می‌شود", "https://a.example/👩‍🚒", "https://a.example/\U0001fae9?x=(1)#y"]
)
def test_a_web_address_may_have_joiners_and_new_characters(url: str) -> None:
    assert safe_url(url) == url


def test_only_another_language_is_marked() -> None:
    assert lang_attribute("ru", "en") == "ru"
    assert lang_attribute("pt_BR", "en") == "pt-BR"
    assert lang_attribute("en-GB", "en") == ""
    assert lang_attribute('ru" onload="x', "en") == ""
    assert lang_attribute("", "en") == ""


@given(st.text(max_size=500))
@example("слово " * 60)
@example("長" * 200)
@example("x" * 200)
@example("https://example.net/" + "y" * 100 + " and so on")
def test_lines_fit_and_nothing_is_lost(text: str) -> None:
    lines = wrap_text(text).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= WIDTH or "://" in line for line in lines)


def test_wide_letters_count_twice() -> None:
    assert max(len(line) for line in wrap_text("長" * 200).split("\n")) == WIDTH // 2


def test_addresses_stay_whole() -> None:
    url = "https://example.net/" + "y" * 100
    assert url in wrap_text(f"Read it at {url} today").split("\n")


def test_a_preheader_tells_the_next_headlines_or_how_the_lead_begins() -> None:
    titles = ["A second thing that happened here", "A third thing"]
    assert build_preheader(titles, lambda: "begins", "3 new") == " · ".join(titles)
    assert build_preheader([], lambda: "It began on Tuesday, when nobody looked.", "1 new").startswith(
        "It began"
    )
    assert build_preheader([], lambda: "", "1 new story") == "1 new story"
    assert len(build_preheader(["x"] * 4 + ["y " * 200] * 3, lambda: "", "")) <= MAX_LENGTH


def test_a_preheader_has_room_for_several_headlines_and_repeats_none_of_the_subject() -> None:
    long = "A parliament votes on a very long and winding budget for the years to come"
    preheader = build_preheader([long, "Bridge opens", long], lambda: "", "")
    assert "to come" not in preheader
    assert "Bridge opens" in preheader
    assert not_in_subject("Bridge opens · Rain falls + 3 more", ["Rain falls", long, long]) == [long]


@pytest.mark.parametrize(
    ("headline", "limit", "cut"),
    [
        ("Short", 10, "Short"),
        ("Georgia signs the gas deal, as talks about the pipeline go on", 40, "Georgia signs the gas deal…"),
        (
            "Ministers meet to talk about the future of the lakes",
            44,
            "Ministers meet to talk about the future…",
        ),
        ("Court rules on the new law (published in May) after a year", 40, "Court rules on the new law…"),
        ("Президент подписал закон о железной дороге", 27, "Президент подписал закон…"),
        ("x" * 50, 20, "x" * 19 + "…"),
        ("中国" * 30, 20, "中国" * 9 + "中…"),
    ],
)
def test_a_headline_is_cut_where_its_words_still_make_sense(headline: str, limit: int, cut: str) -> None:
    assert cut_headline(headline, limit) == cut


@given(st.text(max_size=200), st.integers(min_value=10, max_value=140))
def test_a_cut_headline_fits(headline: str, limit: int) -> None:
    cut = cut_headline(headline, limit)
    assert len(cut) <= limit
    assert bool(cut) == bool(headline.split())
