"""Names of countries in languages that inflect them: sentences with the countries that a reader would say they name.

A line of languages/<code>.txt is "KZ UZ | sentence", or "- | sentence" for one that names none.
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
FEWEST = 40  # sentences a language


def countries(title: str, text: str = "") -> set[str]:
    return {tag.country for tag in gazetteer.tagger().tag(title, text)}


@pytest.mark.parametrize(
    ("language", "line"),
    [pytest.param(language, line, id=f"{language}-{number}") for language, number, line in SENTENCES],
)
def test_a_sentence_is_about_the_countries_it_names(language: str, line: str) -> None:
    wanted, _, sentence = line.partition(" | ")
    expected = set(wanted.split()) - {"-"}
    assert countries("", sentence) == expected
    assert countries(sentence) == expected


@pytest.mark.parametrize("language", sorted(GRAMMARS))
def test_each_language_has_its_sentences_some_of_which_name_no_country(language: str) -> None:
    lines = [line for code, _, line in SENTENCES if code == language]
    assert len(lines) >= FEWEST
    assert len(set(lines)) == len(lines)
    assert sum(line.startswith("- | ") for line in lines) >= 3
    assert language in {
        found for line in lines for found in text_language.guess("", line.partition(" | ")[2])
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
def test_english_and_what_has_no_rules_is_left_alone(text: str) -> None:
    assert text_language.guess(text, "") == ()


def test_a_language_is_not_loaded_for_an_english_text() -> None:
    lexicons.of_language.cache_clear()
    gazetteer.tagger().tag("Snow in Almaty", "The roads of Kazakhstan were closed, and the trains, too.")
    assert lexicons.of_language.cache_info().currsize == 0


def test_a_long_text_of_one_word_takes_no_time() -> None:
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
        assert time.process_time() - started < 1.5  # the first of a language makes its lexicon
