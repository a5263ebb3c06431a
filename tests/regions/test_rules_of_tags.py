"""Groups, sanctions, company names and highlighting: each rule with mentions made by hand."""

import pytest

from digest.regions.pure.company_names import drop_company_mentions
from digest.regions.pure.evidence import Evidence, collect_evidence
from digest.regions.pure.group_tags import select_groups, split_groups
from digest.regions.pure.highlighting import TextSpan, highlight
from digest.regions.pure.mentions import Mention
from digest.regions.pure.targets import is_target
from digest.regions.pure.vocabulary import PhraseKind, TextPart
from tests.regions.mentioned import mention

NAME, CITY, TOWN, GROUP = PhraseKind.NAME, PhraseKind.CITY, PhraseKind.TOWN, PhraseKind.GROUP


def group(slug: str, where: TextPart, times: int = 1) -> list[Mention]:
    return [mention(slug, GROUP, slug, where) for _ in range(times)]


def groups(*mentions: Mention, countries: dict[str, float] | None = None) -> dict[str, float]:
    return {tag.group: round(tag.weight, 3) for tag in select_groups(mentions, countries or {}, "", "")}


def test_a_text_is_about_three_groups_at_most_the_heaviest_first() -> None:
    four = [
        each for n, slug in enumerate(("eu", "gulf", "asean", "nato")) for each in group(slug, "title", 1 + n)
    ]
    assert list(groups(*four)) == ["nato", "asean", "gulf"]
    alike = [each for slug in ("eu", "gulf", "asean", "nato") for each in group(slug, "title")]
    assert list(groups(*alike)) == ["asean", "eu", "gulf"]
    assert groups(*group("eu", "title"), *group("asean", "title")) == {"asean": 1.0, "eu": 1.0}  # by name


@pytest.mark.parametrize(
    ("where", "weight", "least"),
    [("title", 3.8, 0.3), ("dateline", 5.5, 0.3), ("lead", 1.7, 0.6), ("text", 1.0, 0.9)],
)
def test_a_group_needs_a_share_of_the_best_countrys_weight_by_where_it_stands(
    where: TextPart, weight: float, least: float
) -> None:
    best = weight / least
    assert groups(*group("eu", where), countries={"FR": best * 0.999}) == {
        "eu": pytest.approx(least, abs=0.01)
    }
    assert groups(*group("eu", where), countries={"FR": best * 1.001}) == {}


def test_the_best_place_of_a_group_decides_what_it_needs() -> None:
    assert "eu" in groups(*group("eu", "lead"), *group("eu", "text"), countries={"FR": 2.7 / 0.6 - 0.01})


def test_nine_mentions_in_a_text_are_enough_beside_a_country_of_ten() -> None:
    assert groups(*group("eu", "text", 9), countries={"FR": 10.0}) == {"eu": 0.9}


def test_the_world_counts_only_where_no_country_does() -> None:
    assert list(groups(*group("world", "title"), *group("eu", "title"), countries={"FR": 1.0})) == ["eu"]
    assert set(groups(*group("world", "title"), *group("eu", "title"))) == {"eu", "world"}


def test_groups_and_countries_are_told_apart() -> None:
    eu, france = mention("EU", GROUP, "eu"), mention("France", NAME, "FR")
    assert split_groups([eu, france]) == ([france], [eu])
    assert split_groups([france]) == ([france], [])


def target(after: str = "", before: str = "", where: TextPart = "lead", kind: PhraseKind = NAME) -> bool:
    return is_target(mention("Iran", kind, "IR", where, before=before, after=after))


def test_sanctions_within_a_sentence_and_occupied_land_beside_it_make_a_target() -> None:
    assert target(" faces new sanctions")
    assert target(before="Sanctions hit ")
    assert target("x" * 132 + "sanctions")
    assert not target("x" * 133 + "sanctions")
    assert target(before="occupied ")
    assert target(" " + "x" * 11 + "occupied")
    assert not target(" " + "x" * 12 + "occupied")
    assert not target(" faces new elections")


def test_only_a_countrys_name_at_the_beginning_is_a_target() -> None:
    assert target(" faces sanctions", where="title")
    assert not target(" faces sanctions", where="text")
    assert not target(" faces sanctions", kind=CITY)


def after_dateline(*mentions: Mention, dateline: str = "CA") -> list[str]:
    found = [mention("TORONTO", CITY, dateline, "dateline", country=dateline), *mentions]
    return [each.phrase.text for each in drop_company_mentions(found)][1:]


def phoenix(after: str, kind: PhraseKind = CITY) -> Mention:
    return mention("Phoenix", kind, "US", after=after, country="US")


@pytest.mark.parametrize(
    "company",
    [
        " Inc said",
        " Minerals Corp said",
        ", Mining and Metals Ltd",
        " of America Bancorp",
        " MINES",
        " One Two Three Group",
    ],
)
def test_a_place_in_a_company_name_is_no_place_of_a_report_from_elsewhere(company: str) -> None:
    assert after_dateline(phoenix(company)) == []


@pytest.mark.parametrize("words", [" said", " One Two Three Four Group", " incorporated a firm"])
def test_a_place_with_other_words_after_it_stays(words: str) -> None:
    assert after_dateline(phoenix(words)) == ["Phoenix"]


def test_a_company_name_ends_within_sixty_characters() -> None:
    assert after_dateline(phoenix(" " + "X" * 55 + " Inc.")) == []
    assert after_dateline(phoenix(" " + "X" * 56 + " Inc.")) == ["Phoenix"]


def test_a_country_that_other_words_speak_for_stays() -> None:
    arizona = mention("Arizona", PhraseKind.STATE, "US", country="US")
    assert after_dateline(phoenix(" Inc"), arizona) == ["Phoenix", "Arizona"]
    assert after_dateline(phoenix(" Inc"), dateline="US") == ["Phoenix"]
    assert [each.phrase.text for each in drop_company_mentions([phoenix(" Inc")])] == [
        "Phoenix"
    ]  # no dateline
    later = [phoenix(" Inc"), mention("TORONTO", CITY, "CA", "dateline", country="CA")]
    assert len(drop_company_mentions(later)) == 2  # the first mention after the title is in no dateline


def test_a_title_does_not_hide_the_dateline_and_a_clue_is_no_place() -> None:
    title = mention("Canada", NAME, "CA", "title", country="CA")
    dateline = mention("TORONTO", CITY, "CA", "dateline", country="CA")
    clue = mention("school district", PhraseKind.CLUE, "US", country="US")
    left = drop_company_mentions([title, dateline, phoenix(" Inc"), clue])
    assert [each.phrase.text for each in left] == ["Canada", "TORONTO"]


def test_small_towns_alone_are_no_country_of_a_report_from_elsewhere() -> None:
    gori, telavi = (mention(text, TOWN, "GE", country="GE") for text in ("Gori", "Telavi"))
    assert after_dateline(gori, telavi) == []
    tbilisi = mention("Tbilisi", PhraseKind.CAPITAL, "GE", country="GE")
    assert after_dateline(gori, tbilisi) == ["Gori", "Tbilisi"]


def test_a_tag_shows_five_different_words_the_heaviest_first() -> None:
    texts = ("Aktau", "Oral", "Aktau", "Semey", "Taraz", "Kokshetau", "Almaty")
    found = collect_evidence([mention(text, CITY, "KZ") for text in texts], "", "")
    assert len(found) == 1  # of an empty text all words are the same
    whole = " ".join(texts)
    mentions, at = [], 0
    for text in texts:
        each = mention(text, CITY, "KZ")
        each.start, each.end, at = at, at + len(text), at + len(text) + 1
        mentions.append(each)
    words = [evidence.words for evidence in collect_evidence(mentions, "", whole)]
    assert words == ["Aktau", "Oral", "Semey", "Taraz", "Kokshetau"]
    assert collect_evidence(mentions[:1], "", whole) == (Evidence("text", "Aktau", "city"),)


def test_words_are_highlighted_whole_and_the_longest_first() -> None:
    countries = {"Guinea": "GN", "Papua New Guinea": "PG", "日本": "JP"}
    assert highlight("Papua New Guinea, not Guinea", countries) == (
        TextSpan("Papua New Guinea", "PG"),
        TextSpan(", not "),
        TextSpan("Guinea", "GN"),
    )
    assert highlight("New Zealand", {"New": "XX", "New Zealand": "NZ"}) == (TextSpan("New Zealand", "NZ"),)
    assert highlight("xA日", {"A日": "JP"}) == (TextSpan("xA日"),)
    assert highlight("日日Ax", {"日日A": "JP"}) == (TextSpan("日日Ax"),)
    assert highlight("Guineas", countries) == (TextSpan("Guineas"),)
    assert highlight("在日本人", countries) == (TextSpan("在"), TextSpan("日本", "JP"), TextSpan("人"))
    assert highlight("", countries) == ()
    assert highlight("Peru", {"": "XX"}) == (TextSpan("Peru"),)
