"""Ambiguous words: each kind of ambiguity with a text that resolves it."""

import pytest

from digest.regions import gazetteer

TAGGER = gazetteer.tagger()


def countries(title: str, text: str = "", home: str | None = None) -> list[str]:
    return [tag.country for tag in TAGGER.tag(title, text, home=home)]


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Georgia lawmakers debate a budget", "The statehouse in Atlanta was full.", {"US"}),
        ("Georgia lawmakers debate a budget", "The parliament in Tbilisi was full.", {"GE"}),
        ("Fair opens in Macon, Georgia", "", {"US"}),
        ("Ferries stop in Kinshasa", "Congolese officials blamed low water.", {"CD"}),
        ("Ferries stop in Brazzaville", "Congolese officials blamed low water.", {"CG"}),
        ("Korean pop fills a stadium", "Fans queued in Busan and Seoul.", {"KR"}),
        ("Papua New Guinea counts votes", "", {"PG"}),
        ("Guinea counts votes", "Polls closed in Conakry.", {"GN"}),
        ("Niger counts its cattle", "Herders came to Niamey.", {"NE"}),
        ("Nigeria counts its cattle", "Herders came to Kano.", {"NG"}),
        ("Dominica plants trees", "", {"DM"}),
        ("Dominican Republic plants trees", "", {"DO"}),
        ("Gulf of Mexico fishing opens", "Boats left Biloxi, Mississippi.", {"US"}),
        ("Art fair in Santa Fe, New Mexico", "", {"US"}),
        ("Oil falls as Swiss francs climb", "", set()),
        ("Canadian dollars and Mexican pesos fall", "", set()),
        ("They told us to leave", "", set()),
        ("Guinea pigs need hay", "", set()),
        ("French fries get dearer", "", set()),
        ("An Italian restaurant burns down", "Its owner is of Lebanese descent, neighbours said.", set()),
        ("Burst pipe closes Lisbon Street", "Buses went by London Road instead.", set()),
        ("Lisbon closes a street", "", {"PT"}),
    ],
)
def test_the_text_settles_which_country_a_name_means(title: str, text: str, expected: set[str]) -> None:
    assert set(countries(title, text)) == expected


@pytest.mark.parametrize(
    "title",
    [
        "Chad Whitmore opens a bakery",
        "Israel Okafor wins the race",
        "Jordan Whitmore opens a bakery",
        "Paris Whitmore opens the bakery",
        "Actor Michael Chad sings",
        "Singer Kenya Moss retires",
        "Mr. Lebanon retires",
        "J. London retires",
    ],
)
def test_the_name_of_a_person_is_not_a_place(title: str) -> None:
    assert countries(title) == []


@pytest.mark.parametrize(
    "title", ["London Exchange opens late", "Paris Bourse opens late", "Paris Fashion Week opens"]
)
def test_an_institution_of_a_town_is_not_a_person(title: str) -> None:
    assert countries(title) == ["FR" if "Paris" in title else "GB"]


def test_the_town_of_a_dateline_is_not_a_person() -> None:
    text = "LONDON, May 3 - The London Harvest Board opens its books."
    assert countries("Harvest board opens its books", text) == ["GB"]


@pytest.mark.parametrize(
    ("title", "country"),
    [
        ("Washington weighs new tariffs", "US"),
        ("Moscow weighs new tariffs", "RU"),
        ("Beijing weighs new tariffs", "CN"),
        ("Downing Street weighs new tariffs", "GB"),
        ("Bundestag weighs new tariffs", "DE"),
    ],
)
def test_a_seat_of_government_stands_for_its_country(title: str, country: str) -> None:
    assert countries(title) == [country]


@pytest.mark.parametrize(
    ("title", "country"),
    [
        ("Tractor show in Paris, Texas", "US"),
        ("Tractor show in Athens, Ohio", "US"),
        ("Tractor show in London, Ontario", "CA"),
        ("Tractor show in Hamilton, Bermuda", "BM"),
        ("Tractor show in Lebanon, Pa.", "US"),
        ("Tractor show in Edmonton, Ky.", "US"),
        ("Tractor show in Birmingham, Ala.", "US"),
        ("Tractor show in Nowhereville, Mont.", "US"),
    ],
)
def test_a_qualifier_after_a_comma_decides(title: str, country: str) -> None:
    assert countries(title) == [country]


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Athens schools close. The Limestone County Commission met near Huntsville.", "US"),
        ("Athens schools close. Greek teachers marched from Piraeus.", "GR"),
        ("Richmond council met. The mayor of Vancouver came.", "CA"),
        ("Richmond council met. Deputies of Henrico County came.", "US"),
        ("Cambridge council met. The borough council and the crown court agreed.", "GB"),
    ],
)
def test_other_places_decide_which_town_is_meant(text: str, country: str) -> None:
    assert countries("", text) == [country]


def test_the_home_country_of_the_source_decides_if_the_text_does_not() -> None:
    title, text = "Paris girl wins spelling bee", "The Paris elementary school cheered."
    assert countries(title, text, home="US") == ["US"]
    assert countries("Council repairs the library", "The mayor and residents were glad.", home="IE") == ["IE"]
    assert countries("Council repairs the library", "The mayor and residents were glad.") == []
    assert countries("Elections in Peru", "Voters queued in Lima.", home="IE") == ["PE"]


def test_a_small_town_counts_only_beside_its_country_and_in_a_dateline() -> None:
    assert countries("Torrington is calm", "") == []
    assert countries("Rivers are calm", "TORRINGTON, May 4 - The rivers were calm.") == ["US"]
    assert countries("Torrington is calm", "TORONTO, May 4 - Torrington and Meriden saw no rain.") == ["CA"]
    tag = TAGGER.tag("Connecticut is calm", "Firefighters in Torrington rested.")[0]
    assert "Torrington" in {evidence.words for evidence in tag.evidence}


def test_a_prefix_makes_another_place_of_a_name() -> None:
    assert countries("Boats race on Lake Victoria") == []
    assert countries("Fort Lebanon museum opens") == []


def test_the_country_of_a_dateline_is_a_tag_beside_that_of_the_title() -> None:
    title, text = "Pakistan seeks palm oil", "LONDON, April 2 - Pakistan will buy oil tomorrow, traders said."
    assert set(countries(title, text)) == {"PK", "GB"}


def test_countries_that_head_the_paragraphs_of_a_report_are_all_tags() -> None:
    text = "Peru: Nine fell ill in Lima, and Peruvian doctors asked for help. Chile: One man fell ill.\nAngola: None."
    assert set(countries("", text)) == {"PE", "CL", "AO"}
    assert countries("", text.replace(":", ",")) == ["PE"]


def test_a_repeated_clue_counts_once() -> None:
    said_once = TAGGER.tag("Torquay votes", "The county council met in Lima.")
    repeated = TAGGER.tag("Torquay votes", "The county council met in Lima." + " County council! " * 9)
    assert [tag.weight for tag in said_once] == [tag.weight for tag in repeated]


def test_clues_alone_make_no_tag_beside_a_country_that_is_named() -> None:
    assert countries("School board meets", "The school district and the sheriff agreed.") == ["US"]
    assert countries(
        "School board meets", "In Lima, Peru, the school board met. Peruvian teachers came."
    ) == ["PE"]


def test_a_place_in_a_company_name_does_not_count_if_the_dateline_is_elsewhere() -> None:
    report = (
        "TORONTO, May 4 - Denver Copper Corp said it found copper in Ontario. Denver expects a good year."
    )
    assert countries("DENVER COPPER FINDS COPPER", report) == ["CA"]
    assert countries("DENVER COPPER FINDS COPPER", report.replace("TORONTO", "DENVER"))[0] == "US"
    assert countries("Floods in Denver", "TORONTO, May 4 - Denver was under water, a firm said.") == [
        "US",
        "CA",
    ]


def test_double_demonyms_mean_the_country_where_the_people_live() -> None:
    assert countries("Italian Americans march", "Cuban Americans came, too, and Chinese-Americans.") == ["US"]


def test_a_newspaper_or_a_company_says_little_about_its_country() -> None:
    assert countries("Peru raises wages", "The BBC was told so, and the BBC told CNN. Toyota agreed.") == [
        "PE"
    ]
    assert countries("", "Toyota and Honda raise prices, the BBC says.") == []


def test_an_acronym_in_running_text_is_not_a_town() -> None:
    assert countries("Surveillance of SARI and ARDS goes on", "Doctors count SARI cases with care.") == []


def test_names_in_other_languages_are_not_searched_in_english() -> None:
    assert countries("The Island of the Indie bands") == []
    assert countries("Indie und Island", "Frankreich siegt.") == ["IN", "IS", "FR"]


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert countries("Peru \ud83d votes", "x") == ["PE"]


def test_evidence_of_a_state_after_a_place_has_no_punctuation() -> None:
    (tag,) = TAGGER.tag("", "NORTHFIELD, Ill., March 31 - The plant opened.")
    assert tag.evidence[0].where == "dateline"
    assert "Ill." in {evidence.words for evidence in tag.evidence}
