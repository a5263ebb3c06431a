"""Which country an ambiguous name means: likelihood, other names, the source's home; and what a town alone says."""

import pytest

from digest.regions.pure.disambiguation import choose_countries
from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import PhraseKind, TextPart
from tests.regions.mentioned import mention

CITY, NAME, TOWN = PhraseKind.CITY, PhraseKind.NAME, PhraseKind.TOWN


def chosen(meanings: str, *others: Mention, home: str | None = None) -> str:
    """The country that London means, if it can mean these, beside other mentions; "" for none."""
    found = choose_countries([mention("London", CITY, meanings), *others], home)
    return next((each.country for each in found if each.phrase.text == "London"), "")


def canadian(kind: PhraseKind, text: str = "Ottawa") -> Mention:
    return mention(text, kind, "CA")


def test_a_likelier_meaning_needs_a_lead() -> None:
    assert chosen("US:5.31 CA:5.0") == "US"
    assert chosen("CA:5.0 US:5.31") == "US"
    assert chosen("US:5.29 CA:5.0") == ""
    assert chosen("US:5.0 CA:5.0") == ""


def test_the_home_of_the_source_outweighs_six_powers_of_ten() -> None:
    assert chosen("US:8.0 CA:2.5", home="CA") == "CA"
    assert chosen("US:8.0 CA:1.5", home="CA") == "US"
    assert chosen("US:8.0 CA:2.0", home="CA") == ""


def test_a_city_of_a_country_speaks_for_it_as_a_hundred_times_more_people_do() -> None:
    assert chosen("US:6.0 CA:4.0", canadian(CITY)) == "CA"
    assert chosen("US:8.0 CA:5.0", canadian(CITY)) == "US"
    assert chosen("US:6.0 CA:4.0", mention("Lyon", CITY, "FR")) == "US"  # a city of neither


def test_places_of_one_country_together_count_two_at_most() -> None:
    cities = [canadian(CITY, "Ottawa"), canadian(CITY, "Halifax")]
    assert chosen("US:8.0 CA:4.2", *cities) == ""  # 4.0 against 2.1 + 2.0
    assert chosen("US:8.0 CA:4.5", *cities) == "CA"


def test_a_countrys_name_says_little_of_a_town_that_is_likelier_elsewhere() -> None:
    assert chosen("US:6.0 CA:5.0", canadian(NAME, "Canada")) == "US"  # 3.0 against 2.5 + 0.32
    assert chosen("US:6.0 CA:5.8", canadian(NAME, "Canada")) == "CA"
    assert chosen("CA:5.0 US:6.0", canadian(NAME, "Canada")) == "CA"  # the likeliest stands first


def test_national_names_together_count_two_at_most() -> None:
    names = [canadian(NAME, "Canada"), canadian(NAME, "Canada"), canadian(PhraseKind.DEMONYM, "Canadian")]
    assert chosen("US:6.0 CA:4.3", *names) == ""  # 3.0 against 2.15 + 0.8
    assert chosen("US:6.0 CA:4.8", *names) == "CA"


def test_a_name_that_is_repeated_counts_twice() -> None:
    acronym = PhraseKind.ACRONYM
    assert chosen("US:6.0 CA:5.0", *(canadian(acronym, "CBSA") for _ in range(9))) == ""  # 3.0 against 2.98
    assert chosen("US:6.0 CA:5.0", *(canadian(acronym, name) for name in ("A", "B", "C"))) == "CA"


def test_a_name_in_another_language_is_no_evidence_of_a_town() -> None:
    assert chosen("US:6.0 CA:5.4", canadian(PhraseKind.FOREIGN, "kanada")) == "US"


def test_what_has_no_meaning_of_its_own_is_at_home() -> None:
    local = mention("city council", PhraseKind.LOCAL, "")
    assert [each.country for each in choose_countries([local], "CA")] == ["CA"]
    assert choose_countries([mention("city council", PhraseKind.LOCAL, "")], None) == []


def kept(*mentions: Mention, home: str | None = None) -> list[str]:
    return [each.phrase.text for each in choose_countries(list(mentions), home)]


def town(text: str = "Gori", country: str = "GE", where: TextPart = "text") -> Mention:
    return mention(text, TOWN, country, where)


@pytest.mark.parametrize(
    ("others", "home", "counts"),
    [
        ([], None, False),
        ([], "GE", True),
        ([mention("Georgia", NAME, "GE")], None, True),
        ([mention("Kazakhstan", NAME, "KZ")], None, False),
        ([town("Telavi")], None, True),
        ([town("Gori")], None, True),  # towns are all there is, so twice is enough
        ([town("Gori"), mention("Kazakhstan", NAME, "KZ")], None, False),
        ([town("Telavi"), mention("Kazakhstan", NAME, "KZ")], None, True),
        ([town("Gori"), mention("city council", PhraseKind.LOCAL, "")], "KZ", True),
        ([mention("city council", PhraseKind.LOCAL, "")], "KZ", False),
        ([town("Talgar", "KZ")], None, False),
    ],
)
def test_a_small_town_counts_only_beside_its_country_or_other_towns(
    others: list[Mention], home: str | None, counts: bool
) -> None:
    assert ("Gori" in kept(town(), *others, home=home)) is counts


def test_a_small_town_in_a_dateline_counts_and_speaks_for_others_of_its_country() -> None:
    assert kept(town("Gori", where="dateline"), town("Telavi")) == ["Gori", "Telavi"]
