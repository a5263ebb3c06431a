"""Names of countries in languages that inflect them: sentences with the countries that a reader finds in them.

A line of languages/<code>.txt is "KZ UZ | sentence", or "- | sentence" if the sentence names no country.
"""

import time
from pathlib import Path

import pytest

from digest.regions import gazetteer, lexicons
from digest.regions.pure import text_language
from digest.regions.pure.grammars import GRAMMARS

FOLDER = Path(__file__).with_name("languages")
SENTENCES = [
    (path.stem, number, line)
    for path in sorted(FOLDER.glob("*.txt"))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
]
MIN_SENTENCES = 40  # for each language


def countries(title: str, text: str = "") -> set[str]:
    return {tag.country for tag in gazetteer.tagger().tag(title, text)}


@pytest.mark.parametrize(
    ("language", "line"),
    [pytest.param(language, line, id=f"{language}-{number}") for language, number, line in SENTENCES],
)
def test_a_sentence_is_about_the_countries_it_names(language: str, line: str) -> None:
    codes, _, sentence = line.partition(" | ")
    expected = set(codes.split()) - {"-"}
    assert countries("", sentence) == expected
    assert countries(sentence) == expected


@pytest.mark.parametrize("language", sorted(GRAMMARS))
def test_each_language_has_enough_sentences_and_some_name_no_country(language: str) -> None:
    lines = [line for code, _, line in SENTENCES if code == language]
    assert len(lines) >= MIN_SENTENCES
    assert len(set(lines)) == len(lines)
    assert sum(line.startswith("- | ") for line in lines) >= 3
    assert language in {
        guess for line in lines for guess in text_language.guess_languages("", line.partition(" | ")[2])
    }


@pytest.mark.parametrize(
    "text",
    [
        "The president of Kazakhstan met the German chancellor.",
        "Café owners say “the price is too high” – and naïve",
        "Snow in Almaty",
        "Putin visits Beijing for talks",
        "",
        "12345 67 !!!",
        "日本の首相が訪問した。",
    ],
)
def test_english_and_languages_without_rules_are_not_guessed(text: str) -> None:
    assert text_language.guess_languages(text, "") == ()


def test_a_language_is_not_loaded_for_an_english_text() -> None:
    lexicons.load_finder.cache_clear()
    gazetteer.tagger().tag("Snow in Almaty", "The roads of Kazakhstan were closed, and the trains, too.")
    assert lexicons.load_finder.cache_info().currsize == 0


def test_a_long_text_of_one_word_is_fast() -> None:
    for text in (
        "казах" * 4000,
        "казах " * 3500,
        "و" * 20_000,
        "ال" * 9_000 + " في",
        "الكازاخ" * 2_500,
        "l'" * 10_000 + "é",
    ):
        started = time.process_time()
        countries("", text)
        assert time.process_time() - started < 1.5  # the first text of a language also loads its lexicon
