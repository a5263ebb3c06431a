"""Reading content choices: kinds beside news, languages read, and whether to show why."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.states import READER_CHOICE
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices, parse_content
from digest.subscribers.states import OptionalKind

CHOICES = st.builds(
    ContentChoices,
    kinds=st.none()
    | st.sets(st.sampled_from(OptionalKind)).map(lambda kinds: tuple(k for k in OptionalKind if k in kinds)),
    languages_read=st.sets(st.sampled_from(["en", "ru", "fa", "zh", "fil"]), min_size=2).map(
        lambda codes: tuple(sorted(codes))
    ),
    show_why=st.booleans(),
)


def parse(language: str = "en", default_kinds: tuple[str, ...] = (), **values: str) -> ContentChoices:
    errors: dict[str, str] = {}
    content = parse_content(values, errors, language=language, default_kinds=default_kinds)
    assert errors == {}
    return content


def test_the_kinds_offered_to_subscribers_are_those_of_articles() -> None:
    assert list(map(str, OptionalKind)) == list(map(str, READER_CHOICE))


def test_who_says_nothing_gets_the_defaults() -> None:
    assert parse() == parse(kinds="", languages_read=" ", show_why="no") == DEFAULT_CONTENT


def test_kinds_are_stored_in_one_order() -> None:
    assert parse(kinds="opinion, sport sport").kinds == (OptionalKind.SPORT, OptionalKind.OPINION)


@pytest.mark.parametrize(
    ("chosen", "default_kinds", "stored"),
    [
        ("none", (), None),
        ("none", ("sport",), ()),
        ("sport", ("sport",), None),
        ("culture", ("sport",), (OptionalKind.CULTURE,)),
        ("", ("sport",), None),
    ],
)
def test_kinds_equal_to_the_operators_default_follow_it(
    chosen: str, default_kinds: tuple[str, ...], stored: tuple[OptionalKind, ...] | None
) -> None:
    assert parse(kinds=chosen, default_kinds=default_kinds).kinds == stored


def test_languages_lose_script_and_region_and_the_digests_own_alone_is_the_default() -> None:
    assert parse(languages_read="ru en-GB EN zh_Hant").languages_read == ("en", "ru", "zh")
    assert parse("ru", languages_read="ru").languages_read == ()
    assert parse("ru", languages_read="en").languages_read == ("en",)


def test_the_languages_to_prefer_are_those_read_else_the_digests_own() -> None:
    assert ContentChoices(languages_read=("en", "ru")).reads("fa") == {"en", "ru"}
    assert DEFAULT_CONTENT.reads("fa") == {"fa"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kinds", "commerce"),
        ("kinds", "sport chess"),
        ("languages_read", "tlhh"),
        ("languages_read", "en <script>"),
        ("languages_read", "qqq"),
        ("languages_read", "aa ab af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca"),
        ("show_why", "on"),
    ],
)
def test_a_wrong_value_is_an_error_of_its_field_alone(field: str, value: str) -> None:
    errors: dict[str, str] = {}
    assert parse_content({field: value}, errors, language="en") == DEFAULT_CONTENT
    assert list(errors) == [field]


@given(CHOICES)
def test_choices_survive_a_csv_file_and_a_row(content: ContentChoices) -> None:
    errors: dict[str, str] = {}
    # With a default that nobody can choose, "none" is a choice of its own.
    read = parse_content(content.as_values(), errors, language="de", default_kinds=("chess",))
    assert (read, errors) == (content, {})
    assert ContentChoices.from_json(json.loads(json.dumps(content.as_json()))) == content
