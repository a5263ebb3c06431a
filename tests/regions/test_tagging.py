"""The tags of a text: the rules for weighing its places and for words with several meanings."""

import pytest

from digest.regions import gazetteer

TAGGER = gazetteer.tagger()


def countries(title: str, text: str = "", home: str | None = None) -> list[str]:
    return [tag.country for tag in TAGGER.tag(title, text, home=home)]


@pytest.mark.parametrize(
    ("title", "country"),
    [
        ("Snow closes roads in Kazakhstan", "KZ"),
        ("Kyrgyz lawmakers vote", "KG"),
        ("Flood warning for Tashkent", "UZ"),
        ("Ivory Coast counts cocoa", "CI"),
        ("Côte d’Ivoire counts cocoa", "CI"),
        ("Türkiye raises wages", "TR"),
        ("Fire crews leave Saskatchewan", "CA"),
        ("Kremlin denies report", "RU"),
        ("U.S. sends aid", "US"),
        ("S. Korea counts votes", "KR"),
        ("Trams return to St. Petersburg", "RU"),
        ("ALBANIA OPENS BORDER", "AL"),
    ],
)
def test_names_demonyms_cities_and_governments_speak_for_their_country(title: str, country: str) -> None:
    assert countries(title) == [country]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Niger and Nigeria reopen border", {"NE", "NG"}),
        ("Guinea-Bissau votes", {"GW"}),
        ("Papua New Guinea votes", {"PG"}),
        ("Equatorial Guinea votes", {"GQ"}),
        ("North Korea writes to South Korea", {"KP", "KR"}),
        ("Dominican Republic builds fence", {"DO"}),
        ("Dominica builds airport", {"DM"}),
        ("South Sudan counts its oil", {"SS"}),
        ("Republic of Congo votes", {"CG"}),
        ("DR Congo votes", {"CD"}),
        ("Fires in New Mexico", {"US"}),
        ("Northern Ireland votes", {"GB"}),
        ("American Samoa votes", {"AS"}),
    ],
)
def test_the_longest_name_wins(title: str, expected: set[str]) -> None:
    assert set(countries(title)) == expected


@pytest.mark.parametrize(
    "title",
    [
        "Let us be",
        "Storm crosses the Gulf of Mexico",
        "Tuna return to the Indian Ocean",
        "Bigger turkey farms",
        "Omanyte and Chadwick",
        "Swiss francs fall",
        "Quarterly profit rises",
        "",
    ],
)
def test_words_that_only_look_like_a_country_tag_nothing(title: str) -> None:
    assert countries(title) == []


def test_georgia_is_the_state_beside_american_places_and_else_the_country() -> None:
    assert countries("Georgia counts votes", "Police in Atlanta, Georgia, closed a road.") == ["US"]
    assert countries("Georgia counts votes", "Crowds met in Tbilisi.") == ["GE"]
    assert countries("Georgia counts votes") == ["GE"]
    assert countries("Georgia counts votes", home="US") == ["US"]


def test_a_name_after_a_given_name_or_before_a_surname_is_a_person() -> None:
    assert countries("Coach Jordan Ames resigns", "The club in Auckland, New Zealand, thanked Jordan.") == [
        "NZ"
    ]
    assert countries("Michael Jordan resigns") == []
    assert countries("Jordan and its king", "King Abdullah spoke in Amman.") == ["JO"]


def test_a_qualifier_after_a_comma_says_where_a_place_is() -> None:
    assert countries("Fire in London, Ontario") == ["CA"]
    assert countries("Lebanon barn burns", "LEBANON, Pa. - A barn burned near Lebanon on Monday.") == ["US"]
    assert countries("Bridge opens", "SMALLVILLE, N.J. (AP) - The bridge opened.") == ["US"]


def test_turkey_the_bird_is_no_country_unless_another_word_is_turkish() -> None:
    assert countries("Turkey on every table", "People eat turkey in November.") == []
    assert "TR" in countries("Turkey sells more turkey", "Ankara lifted the ban.")


def test_an_adjective_of_two_countries_means_the_one_that_is_named() -> None:
    assert countries("Congolese singer returns", "Crowds in Brazzaville cheered.") == ["CG"]
    assert countries("Congolese singer returns", "Crowds in Kinshasa cheered.") == ["CD"]


def test_the_title_outweighs_a_passing_mention() -> None:
    tags = TAGGER.tag(
        "Kazakhstan elects a parliament", "Voters queued. " * 40 + "A visitor from Portugal watched."
    )
    assert [tag.country for tag in tags] == ["KZ"]


def test_a_second_country_needs_a_larger_share_if_the_title_does_not_name_the_best() -> None:
    assert countries("Norway holds talks on fish", "A guest from Peru came, too.") == ["NO", "PE"]
    assert countries(
        "Talks on fish end early", "Norway has fish. Norway has boats. A guest from Peru came, too."
    ) == ["NO"]


def test_a_dateline_is_recognized_in_the_text() -> None:
    (tag,) = TAGGER.tag("", "ALMATY, Jan 11 (Wire) – Kazakh police opened the square.")
    assert [(evidence.where, evidence.words) for evidence in tag.evidence] == [
        ("dateline", "ALMATY"),
        ("lead", "Kazakh"),
    ]


def test_no_text_is_about_more_than_five_countries() -> None:
    assert len(countries("", "Peru, Chile, Bolivia, Ecuador, Colombia, Venezuela and Paraguay agreed.")) == 5


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Президент Казахстана прибыл в Узбекистан", {"KZ", "UZ"}),
        ("Казахстанские врачи", {"KZ"}),
        ("Россияне и российские товары", {"RU"}),
        ("Нигер и Нигерия", {"NE", "NG"}),
        ("Индонезия без Индии", {"ID", "IN"}),
        ("Выборы в Южной Корее", {"KR"}),
        ("Немецкие и греческие порты", {"DE", "GR"}),
        ("Маликов получил Кубок и куб льда, того и ждали", set()),
        ("Мало кто ждал", set()),
        ("США и Китай", {"US", "CN"}),
    ],
)
def test_russian_words_are_found_by_stem_and_ending(title: str, expected: set[str]) -> None:
    assert set(countries(title)) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Frankreich wählt", {"FR"}),
        ("El presidente de Estados Unidos", {"US"}),
        ("Coreia do Norte lança um míssil", {"KP"}),
        ("Bosna i Hercegovina bira predsednika", {"BA"}),
        ("印度尼西亚与中国", {"ID", "CN"}),
        ("マリアさんの日本", {"JP"}),
        ("مصر والأردن", {"EG", "JO"}),
    ],
)
def test_countries_are_found_by_their_names_in_other_languages(title: str, expected: set[str]) -> None:
    assert set(countries(title)) == expected


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert countries("", "x " * 10_001 + "Kazakhstan") == []
