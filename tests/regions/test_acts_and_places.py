"""Rules by kind: land that is occupied, sanctions, natural features, namesakes and people."""

import pytest

from digest.regions import gazetteer


def countries(title: str, text: str = "") -> set[str]:
    return {tag.country for tag in gazetteer.tagger().tag(title, text)}


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        (
            "Israeli soldiers raid a print shop",
            "Israeli soldiers searched the shop, Israel's army said. It lies in the occupied West Bank.",
            {"IL", "PS"},
        ),
        (
            "Canada adds ships to its list",
            "Canada imposed sanctions on 20 ships. Canadian officials said that they carry Venezuelan oil.",
            {"CA", "VE"},
        ),
        ("Japan backs sanctions against North Korea", "", {"JP", "KP"}),
    ],
)
def test_a_country_that_something_is_done_to_keeps_its_tag(title: str, text: str, expected: set[str]) -> None:
    assert countries(title, text) == expected


def test_without_sanctions_a_country_in_passing_gets_no_tag() -> None:
    text = (
        "Canada registered 20 ships. Canadian officials in Canada said that they carried Venezuelan oil once."
    )
    assert countries("Canada adds ships to its list in Canada", text) == {"CA"}


@pytest.mark.parametrize(
    "title",
    [
        "New map of the Tien Shan is printed",
        "Storm over the Black Sea and the Aegean",
        "Ice on the Danube and the Rhine",
        "Dust from the Sahara and the Gobi Desert",
        "Plants of the Pamirs and the Himalayas",
    ],
)
def test_mountains_rivers_seas_and_deserts_mean_no_country(title: str) -> None:
    assert countries(title) == set()


def test_a_natural_feature_hides_no_country_beside_it() -> None:
    assert countries("Tajik rangers count goats in the Pamirs") == {"TJ"}


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Niger governor opens clinic", "The clinic is in Minna. People from all over Niger came.", {"NG"}),
        ("Niger lawmakers pass budget", "", {"NG"}),
        ("Niger Governor Signs Budget", "", {"NG"}),
        ("Niger opens clinic in Niamey", "", {"NE"}),
        ("Georgia governor signs tax bill", "", {"US"}),
        ("Georgia lawmakers debate tax bill", "The session in Tbilisi was long.", {"GE"}),
    ],
)
def test_words_of_a_state_tell_it_from_the_country_of_its_name(
    title: str, text: str, expected: set[str]
) -> None:
    assert countries(title, text) == expected


@pytest.mark.parametrize(
    "title",
    [
        "The governor Bello opens a school",
        "Brittany Murray wins the race",
        "The author Jordan writes of the sea",
        "Interview with striker Santiago",
    ],
)
def test_an_office_or_a_given_name_makes_a_person_of_a_place(title: str) -> None:
    assert countries(title) == set()
