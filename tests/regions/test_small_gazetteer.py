"""What a text is about, by a gazetteer of a few names: people, money, capitals, datelines and shares of weight."""

from functools import cache

import pytest

from digest.regions.pure.inflected_names import InflectedNameFinder
from digest.regions.pure.mentions import is_all_caps
from digest.regions.pure.tagger import Tagger
from digest.regions.pure.vocabulary import Gazetteer, PhraseKind, ranked_meanings

NAMES = {
    "name": {
        "KZ": ["Kazakhstan"], "LB:8.0 US:4.0": ["Lebanon"], "JO:8.0 US:3.0": ["Jordan"], "TD:8.0": ["Chad"],
        "CH:8.0": ["Swiss"], "PE:8.0": ["Peru"], "CL:8.0": ["Chile"], "NE:8.0": ["Niger"],
        "US:8.0": ["United States"], "TR:8.0": ["Turkey"], "CI:8.0": ["Côte d'Ivoire"],
    },
    "acronym": {"US:8.0": ["US", "U.S."]},
    "demonym": {"IT:8.0": ["Italian"], "LB:8.0": ["Lebanese"]},
    "capital": {"FR:8.0 US:4.5": ["Paris"], "KZ:7.0": ["Astana"], "PT:7.0": ["Lisbon"], "GB:8.0": ["London"]},
    "city": {"KZ:6.0": ["Almaty"], "US:5.0": ["Phoenix"]},
    "town": {"KZ:4.5": ["Talgar", "Esik"]},
    "state": {"US:7.4": ["Texas"], "GE:8.0 US:7.4": ["Georgia"]},
    "division": {"NG:6.0": ["Niger governor"]},
    "qualifier": {"US:7.0": [", Pa.", ", Calif"]},
    "government": {"RU": ["Kremlin"]},
    "leader": {"CN": ["Xi"], "KZ": ["Tokayev"]},
    "clue": {"US": ["school district"]},
    "local": {"": ["city council"]},
    "guard": {"": ["Gulf of Peru", "Louis XI"]},
    "group": {"eu": ["EU", "European Union"], "world": ["WHO"]},
}  # fmt: skip
TABLE = {
    "phrases": NAMES,
    "people": ["chad", "jordan", "paris", "israel"],
    "common": ["turkey"],
    "given": ["Michael", "Mr", "Kenya"],
}


def no_finder(_: str) -> InflectedNameFinder:
    raise AssertionError("these texts are English")


@cache
def tagger() -> Tagger:
    return Tagger(Gazetteer.from_table(TABLE), no_finder)


def tags(title: str, text: str = "The rest of it.", home: str | None = None) -> list[str]:
    return [tag.country for tag in tagger().tag(title, text, home=home)]


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Chad Whitmore opens the bakery", []),
        ("Chad opens the border", ["TD"]),
        ("Chad President opens the border", ["TD"]),  # an office is no surname
        ("Chad NATO talks go on", ["TD"]),
        ("Jordan B opens the bakery", ["JO"]),
        ("Michael Lebanon opens the bakery", []),
        ("Mr. Lebanon opens the bakery", []),
        ("J. Lebanon opens the bakery", []),
        ("N. Lebanon opens the border", ["LB"]),  # north
        ("the Lebanon of old", ["LB"]),
        ("Michael and Lebanon", ["LB"]),
        ("Swiss francs fall", []),
        ("Swiss Francs Fall", []),
        ("United States dollars fall", []),
        ("Peru Whitmore opens the bakery", ["PE"]),  # no given name
        ("Swiss franchise falls", ["CH"]),
        ("US$ 5 for the bread", []),
        ("US falls", ["US"]),
        ("Italian restaurant of the year", []),
        ("Italian minister of trade", ["IT"]),
        ("Lisbon Street closes", []),
        ("Lisbon Streetcar closes", ["PT"]),
        ("Gulf of Peru closes", []),
        ("Gulf Of Peru Closes", []),
        ("Fort Lebanon closes", []),
        ("St. Paris closes", []),
        ("port of Lebanon closes", ["LB"]),
        ("Kazakhstani port", []),
        ("Kazakhstan's port", ["KZ"]),
        ("kazakhstan port", []),
        ("KAZAKHSTAN opens the port", ["KZ"]),
        ("Cote d'Ivoire opens the port", ["CI"]),
        ("COTE D'IVOIRE opens the port", ["CI"]),
        ("XI. The port of old", []),
        ("Xi opens the port", ["CN"]),
        ("TOKAYEV opens the port", ["KZ"]),
    ],
)
def test_a_name_is_a_place_or_something_else_by_the_words_beside_it(title: str, found: list[str]) -> None:
    assert tags(title) == found


def test_a_surname_does_not_make_a_title_in_title_case_a_person() -> None:
    assert tags("Chad Opens The Border And Closes The Port Again") == ["TD"]
    assert tags("Chad Whitmore opens and closes the port of the town") == []
    assert tags("", "The man is Chad Whitmore of the port.") == []


def test_the_turkey_of_a_kitchen_is_no_country() -> None:
    assert tags("Turkey prices rise", "The price of turkey is up.") == []
    assert tags("Turkey prices rise", "The price of bread is up.") == ["TR"]
    assert tags("Turkey prices rise", "The price of turkeys is up.") == ["TR"]


def test_a_person_makes_the_other_mentions_doubtful_unless_a_dateline_or_another_word_speaks_for_the_place() -> (
    None
):
    assert tags("Bakery opens", "Mr. London opened it. London said so.") == []
    assert tags("Bakery opens", "LONDON, May 3 - Mr. London opened it. London said so.") == ["GB"]
    assert tags("Lebanese minister resigns", "Mr. Lebanon opened it. Lebanon said so.") == ["LB"]


def test_a_qualifier_moves_a_place_and_all_its_namesakes() -> None:
    assert tags("Fire in Lebanon, Pa. and the rest", "The fire in Lebanon burned.") == ["US"]
    assert tags("Fire in Paris, Texas", "It was in Paris.") == ["US"]
    assert tags("Fire in Phoenix, United States") == ["US"]
    assert tags("Peru, Chile sign the treaty") == ["PE", "CL"]
    assert tags("Niger governor opens the port", "The people of Niger came.") == ["NG"]
    assert set(tags("Chile meets, and Paris, Texas burns", "It was in Paris.")) == {"CL", "US"}


def test_a_text_in_capitals_has_no_acronyms() -> None:
    assert is_all_caps("TELL US MORE OF IT")
    assert not is_all_caps("TELL US")  # too short to tell
    assert not is_all_caps("TELL us more of it")
    assert is_all_caps("A" * 160 + "b" * 40)
    assert not is_all_caps("A" * 159 + "b" * 41)
    assert is_all_caps("A" * 160 + "b" * 900)
    assert not is_all_caps("Ab" + "C" * 100)
    assert not is_all_caps("ABc" + "D" * 100)
    assert tags("TELL US MORE OF IT") == []
    assert [tag.group for tag in tagger().tag_regions("WHO TOLD THE MAN OF IT", "").groups] == []
    assert [tag.group for tag in tagger().tag_regions("WHO warns of the flu", "").groups] == ["world"]


def test_after_the_beginning_of_a_text_capitals_are_a_heading_but_a_countrys_name_counts() -> None:
    rest = "and so it was. " * 20
    assert tags("", f"{rest} KAZAKHSTAN opens the port.") == ["KZ"]
    assert tags("", f"{rest} ALMATY opens the port.") == []
    assert tags("", "ALMATY opens the port.") == ["KZ"]
    assert tags("", "The study of ALMATY was long.") == []  # an acronym in running text


def weight(title: str, text: str, country: str, home: str | None = None) -> float | None:
    found = {tag.country: round(tag.weight, 2) for tag in tagger().tag(title, text, home=home)}
    return found.get(country)


def test_a_title_counts_more_than_the_first_paragraph_and_that_more_than_the_rest() -> None:
    rest = "The port of the town was open. " * 20
    assert tags("Peru opens the port", f"{rest} Chile came.") == ["PE"]
    assert weight("Peru opens the port", f"In Chile the port is open. {rest}", "CL") == 0.45
    assert tags("The port", f"In Chile the port is open. {rest} Peru came.") == ["CL"]
    assert tags("The port", f"Peru came. {rest} Chile came. Chile came.") == ["CL", "PE"]


def test_the_best_place_of_a_country_decides_what_it_needs() -> None:
    rest = "The port of the town was open. " * 20
    text = f"In Chile too. {rest} Peru came. Peru went. Chile came."
    assert tags("Peru opens the port", text) == ["PE", "CL"]
    assert tags("Peru opens the port", f"{rest} Peru came. Peru went. Chile came. Chile went. Chile.") == [
        "PE"
    ]


def test_five_countries_at_most_are_tags() -> None:
    names = ["Peru", "Chile", "Kazakhstan", "Chad", "Turkey", "United States"]
    assert len(tags("The " + " and ".join(names))) == 5


def test_the_sources_own_country_counts_a_little_more() -> None:
    assert tags("Peru and the port of Chile", home="CL") == ["CL", "PE"]
    assert weight("Peru and the port of Chile", "", "PE", home="CL") == 0.87
    assert tags("The port of Peru", home="CL") == ["PE"]


def test_a_dateline_says_where_a_report_is_from() -> None:
    rest = "The port of the town was open. " * 20
    assert tags("The port", f"ALMATY, May 3 (News) - {rest} Peru came.") == ["KZ"]
    assert tags("Peru opens it", f"ALMATY, May 3 (News) - {rest}") == ["KZ", "PE"]
    far = "x" * 300
    assert tags("Peru opens it", f"{far}. ALMATY, May 3 - {rest}") == ["PE"]
    assert tags("The port", "TALGAR, May 3 - The port.") == ["KZ"]
    assert tags("The port", "Talgar has the port.") == []


def test_the_first_paragraph_has_two_hundred_and_fifty_characters() -> None:
    def lead(gap: int) -> bool:
        text = (
            "The port " + "x" * (gap - len("The port  ")) + " Peru came. " + "The rest. " * 40 + "And Chile."
        )
        return tags("The port", text) == ["PE"]

    assert lead(249)
    assert not lead(250)


def test_twenty_thousand_characters_of_a_text_and_a_thousand_of_a_title_are_read() -> None:
    assert tags("", "x" * (20_000 - len(" Peru")) + " Peru of old") == ["PE"]
    assert tags("", "x" * (20_001 - len(" Peru")) + " Peru of old") == []
    assert tags("x" * (1_000 - len(" Peru")) + " Peru of old") == ["PE"]
    assert tags("x" * (1_001 - len(" Peru")) + " Peru of old") == []


def test_countries_that_head_paragraphs_are_each_a_topic() -> None:
    text = "The cases of the week.\nPeru: Two were found.\nChile: None was found.\n" + "The rest. " * 40
    assert set(tags("The cases", text)) == {"PE", "CL"}
    assert "CL" not in tags("Peru and the rest of it", "The port of old. " * 40 + "And so in Chile: none.")


def test_a_clue_alone_is_no_tag_but_speaks_for_a_country_that_is_named() -> None:
    assert tags("The school district opens") == ["US"]
    assert tags("The port", "The rest of it. " * 30 + "The school district opens.") == []
    assert tags("Peru opens it", "The school district of the port.") == ["PE"]


def test_a_short_text_that_says_where_has_a_second_country() -> None:
    assert tags("Peru sends the ship", "The ship came to Chile.") == ["PE", "CL"]
    assert tags("Peru sends the ship", "To Chile came the ship of Peru.") == ["PE", "CL"]
    assert tags("Peru sends the ship", "Old Chile saw the ship of Peru.") == ["PE"]
    assert tags("Peru sends the ship and the men of Peru", "The men of old saw Chile.") == ["PE"]


def test_the_place_at_the_start_of_a_text_is_as_the_text_writes_it() -> None:
    assert tagger().place_at_start("ALMATY – The port is open.") == "ALMATY"
    assert tagger().place_at_start("The port of Almaty") == ""
    assert tagger().place_at_start("Peru – The port") == ""


def test_the_data_of_a_gazetteer_are_read_with_their_checks() -> None:
    phrases = {phrase.text: phrase for phrase in Gazetteer.from_table(TABLE).phrases}
    assert phrases["Kazakhstan"].meanings == (("KZ", 8.0),)
    assert phrases["Paris"].meanings == (("FR", 8.0), ("US", 4.5))
    assert phrases["Peru"].kind is PhraseKind.NAME
    assert phrases["Gulf of Peru"].meanings == ()
    ranked = [(country, round(likelihood, 3)) for country, likelihood in ranked_meanings(["US", "CA", "GB"])]
    assert ranked == [("US", 8.0), ("CA", 7.4), ("GB", 6.8)]
