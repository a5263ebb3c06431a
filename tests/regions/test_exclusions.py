"""Words that never mean a country: which mentions of a text they take away, and which they leave."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.regions import gazetteer
from digest.regions.pure.exclusions import BaseForm, Exclusion, Exclusions, text_filter
from digest.regions.pure.tagger import RegionTags
from digest.regions.pure.vocabulary import PhraseKind
from tests.regions.test_tagging_properties import TEXTS

TAGGER = gazetteer.tagger()
Rule = tuple[str, str]  # words, country


def tag(title: str, text: str = "", *rules: Rule, home: str | None = None) -> RegionTags:
    exclusions = Exclusions(Exclusion(n, *rule) for n, rule in enumerate(rules, 1))
    return TAGGER.excluding(exclusions.of_source(None)).tag_regions(title, text, home=home)


def countries(title: str, text: str = "", *rules: Rule, home: str | None = None) -> list[str]:
    return [tag.country for tag in tag(title, text, *rules, home=home).countries]


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Agri wins a prize for its new tractor", ("Agri", "TR")),
        ("AGRI WINS A PRIZE FOR ITS NEW TRACTOR", ("agri", "TR")),
        ("Ankara Motors opens a factory of cars", ("Ankara Motors", "TR")),
        ("Ankara-Motors opens a factory of cars", ("ankara motors", "TR")),
        ("Côte d’Ivoire Street is closed", ("Cote d'Ivoire Street", "CI")),
        ("格鲁吉亚斗牛犬队赢了", ("格鲁吉亚斗牛犬", "GE")),
        ("日本橋の店が開いた", ("日本橋", "JP")),
        ("مطعم لبنان الكبير", ("مطعم لبنان", "LB")),
        ("Клуб «Астана Моторс» открыт", ("Астана Моторс", "KZ")),
    ],
)
def test_excluded_words_do_not_count_for_the_country(title: str, rule: Rule) -> None:
    assert rule[1] in countries(title)
    assert rule[1] not in countries(title, "", rule)
    assert tag(title, "", rule).exclusions == (1,)
    other = "ZA"
    assert countries(title, "", (rule[0], other)) == countries(title)


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Ankara Motorsport opens a track", ("Ankara Motors", "TR")),  # another word
        ("Ankara. Motors are loud", ("Ankara Motors", "TR")),  # another sentence
        ("Ankara opens a bridge", ("Ankara Motors", "TR")),
        ("South Korea opens a bridge", ("Korea", "KR")),  # the words are within a longer name
    ],
)
def test_other_words_count_as_before(title: str, rule: Rule) -> None:
    assert countries(title, "", rule) == countries(title) == [rule[1]]
    assert tag(title, "", rule).exclusions == ()


def test_words_with_signs_hold_as_they_are_written_and_without_doubled_blanks() -> None:
    title = "Fans arrive for the Turkey (Ankara) Cup"
    assert "TR" in countries(title)
    assert countries(title, "", ("Turkey (Ankara) Cup", "TR")) == []


def test_the_name_alone_counts_beside_excluded_words_only_if_another_word_speaks_for_the_country() -> None:
    rule = ("Lebanon Motors", "LB")
    title, text = "Lebanon Motors is sold again", "Lebanon has not seen such a queue."
    assert countries(title, text) == ["LB"]
    assert countries(title, text, rule) == []
    assert countries(title, f"{text} Beirut was next.", rule) == ["LB"]
    assert countries(title, "BEIRUT, Jan 11 (Wire) - Lebanon is next.", rule) == ["LB"]


def test_a_guard_of_the_gazetteer_does_not_hide_the_words() -> None:
    text = "The star of the show came late, and Paris was tired."
    assert countries("Paris Hilton sings", text) == ["FR"]
    assert countries("Paris Hilton sings", text, ("Paris Hilton", "FR")) == []


def test_an_ambiguous_name_means_another_country_only_if_something_speaks_for_that() -> None:
    rule = ("Georgia bulldogs", "GE")
    title = "Georgia bulldogs win"
    assert countries(title, "It was a night to remember.", rule) == []
    assert "US" in countries(title, "Fans in Florida went home.", rule)
    assert countries(title, "It was a night to remember.", rule, home="US") == ["US"]
    assert countries(title, "The governor of Tbilisi sent greetings.", rule) == ["GE"]


def test_two_mentions_of_one_name_may_mean_two_countries() -> None:
    tagger = TAGGER.excluding(Exclusions([Exclusion(1, "Georgia Bulldogs", "GE")]).of_source(None))
    text = "TBILISI, Jan 11 (Wire) - Georgia watched from Batumi. In Florida, Georgia bulldogs won."
    found = [(m.words(text), m.country) for m in tagger.find_mentions("", text, None)]
    assert [country for words, country in found if words == "Georgia"] == ["GE", "US"]


def test_a_place_with_a_qualifier_keeps_the_country_that_this_names() -> None:
    rules = (("Georgia", "GE"), ("Athens", "GR"))
    assert countries("Police in Athens, Georgia, close a road", "", *rules) == ["US"]
    assert countries("Police in Tbilisi, Georgia, close a road", "", *rules) == ["GE"]  # for Tbilisi
    evidence = tag("Police in Tbilisi, Georgia, close a road", "", *rules).countries[0].evidence
    assert [item.words for item in evidence] == ["Tbilisi"]


def test_words_that_mean_the_home_country_can_be_excluded() -> None:
    title, text = (
        "City council votes",
        "The city council met, and the city council voted. Lyon is in the news.",
    )
    assert "FR" in countries(title, text, home="FR")
    assert tag(title, text, ("city council", "FR"), home="FR").exclusions == (1,)
    assert tag(title, text, ("city council", "FR"), home="DE").exclusions == ()


def test_a_name_is_excluded_in_all_its_forms_if_the_vocabulary_has_it() -> None:
    base = TAGGER.base_form("Грузии", "GE", "В Грузии выпал снег", "")
    assert base == BaseForm("грузия", PhraseKind.NAME)
    tagger = TAGGER.excluding(Exclusions([Exclusion(1, "Грузии", "GE", None, base)]).of_source(None))
    assert tagger.tag("Над Грузией идёт снег", "") == ()
    assert [tag.country for tag in tagger.tag("Грузинский снег", "")] == ["GE"]  # another kind of word
    assert TAGGER.base_form("в Грузии", "GE", "В Грузии выпал снег", "") is None
    assert TAGGER.base_form("Грузии", "RU", "В Грузии выпал снег", "") is None


def test_an_exclusion_of_a_source_holds_in_that_source_only() -> None:
    exclusions = Exclusions([Exclusion(1, "Agri", "TR", source_id=7)])
    title = "Agri wins a prize for its new tractor"
    assert TAGGER.excluding(exclusions.of_source(7)).tag(title, "") == ()
    assert TAGGER.excluding(exclusions.of_source(8)).tag(title, "") == TAGGER.tag(title, "")


@pytest.mark.parametrize(
    ("words", "base", "text", "expected"),
    [
        ("Georgia Bulldogs", None, "the GEORGIA-Bulldogs won", True),
        ("Georgia Bulldogs", None, "Georgia won", False),
        ("Грузии", BaseForm("грузия", PhraseKind.NAME), "над грузией", True),
        ("Грузии", BaseForm("грузия", PhraseKind.NAME), "над рекой", False),
        ("Грузии", None, "над грузией", False),
        ("Agri Bank", None, "the Ağrı-Bank and İzmir", False),
        ("Agri Bank", None, "the Ágrí’Bänk and İzmir", True),
        ("ab", BaseForm("xy", PhraseKind.NAME), "nothing alike", True),
    ],
)
def test_texts_without_the_words_are_ruled_out_quickly(
    words: str, base: BaseForm | None, text: str, expected: bool
) -> None:
    assert text_filter(Exclusion(1, words, "GE", None, base))(text) is expected


RULES = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(["Georgia", "Paris Smith", "Agri", "U.S.", "日本"]), st.text(max_size=12)),
        st.sampled_from(["GE", "FR", "TR", "US", "KZ", "JP"]),
    ),
    max_size=4,
)


@given(title=TEXTS, text=TEXTS, rules=RULES, home=st.sampled_from([None, "US"]))
@settings(max_examples=50, deadline=None)
def test_excluding_never_fails_and_what_did_not_apply_changes_nothing(
    title: str, text: str, rules: list[Rule], home: str | None
) -> None:
    about = tag(title, text, *rules, home=home)
    assert set(about.exclusions) <= set(range(1, len(rules) + 1))
    if not about.exclusions:
        assert about == TAGGER.tag_regions(title, text, home=home)


@given(text=TEXTS, name=st.sampled_from(["Ankara", "Tbilisi", "Lima", "Warsaw"]))
@settings(max_examples=40, deadline=None)
def test_a_name_of_one_country_is_never_evidence_once_it_is_excluded(text: str, name: str) -> None:
    whole = f"{name} opens a bridge. {text}"
    for found in TAGGER.tag(whole, ""):
        about = tag(whole, "", (name, found.country))
        excluded = [one for one in about.countries if one.country == found.country]
        assert name not in [item.words for one in excluded for item in one.evidence]
