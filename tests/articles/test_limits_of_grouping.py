"""What joins reports to stories and stories to chapters, each limit on both sides."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from digest.articles.pure.chapters import Chapter, WordRarity, brings_new_facts, last_received
from digest.articles.pure.cross_language import bridge_pairs
from digest.articles.pure.duplicate_keys import text_key, title_key
from digest.articles.pure.grouping import group_reports
from digest.articles.pure.identical_reports import group_identical
from digest.articles.pure.linkage import link
from digest.articles.pure.name_keys import consonants, name_keys, number_keys
from digest.articles.pure.report_pairs import Pairs, ReportIndex
from digest.articles.pure.reports import Report, read_report, stems

MORNING = datetime(2026, 3, 2, 6, tzinfo=UTC)
WIRE = " ".join(f"word{n}" for n in range(30))


def report(
    key: int,
    title: str,
    text: str = "",
    *,
    days: float = 0,
    source: str = "",
    language: str = "en",
    about: str = "",
) -> Report:
    seen_at = MORNING + timedelta(days=days)
    return read_report(
        key,
        title,
        text,
        seen_at=seen_at,
        source=source or f"s{key}",
        language=language,
        countries=about.split(),
    )


def words(prefix: str, count: int) -> str:
    """So many words that nothing else has; their first five letters differ."""
    return " ".join(f"{prefix}{chr(97 + n)}{chr(97 + n)}xy" for n in range(count))


# Copies


def identical(*reports: Report, fixed: dict[int, int] | None = None) -> list[int]:
    return group_identical(reports, fixed or {})


def test_the_same_headline_is_the_same_event_for_two_days() -> None:
    title = "Markets close higher again"
    assert identical(report(1, title), report(2, title, days=2)) == [0, 0]
    assert identical(report(1, title), report(2, title, days=2.01)) == [0, 1]
    assert identical(report(1, title, source="a"), report(2, title, source="a")) == [0, 1]


def test_a_headline_of_three_words_and_a_text_of_twenty_nine_are_used_again_and_again() -> None:
    assert title_key("One two three four") == title_key("one, two: THREE four!") != ""
    assert title_key("One two three") == ""
    assert text_key(WIRE) == text_key(WIRE.upper()) != ""
    assert text_key(WIRE.rpartition(" ")[0]) == ""


def test_a_copy_goes_to_the_story_that_an_edition_had_though_it_comes_first() -> None:
    copy, sent = report(1, "Wire here", WIRE), report(2, "Other words", WIRE)
    assert identical(copy, sent, fixed={2: 70}) == [0, 0]
    assert identical(report(1, "A", WIRE), report(2, "B", WIRE), fixed={1: 70, 2: 71}) == [0, 1]
    assert identical(report(1, "A"), report(2, "B"), fixed={1: 70, 2: 70}) == [0, 0]


def test_a_text_that_one_source_repeats_is_a_notice_and_one_that_two_sources_have_is_none() -> None:
    assert identical(
        report(1, "First of four words", WIRE, source="a"),
        report(2, "Another of the words", WIRE, source="a"),
    ) == [0, 1]
    assert identical(report(1, "First of four words", WIRE), report(2, "Another of the words", WIRE)) == [
        0,
        0,
    ]


# Linkage


def pairs(*similar: tuple[int, int, float]) -> Pairs:
    import numpy as np

    first, second, values = zip(*similar, strict=True)
    return Pairs(np.array(first), np.array(second), np.array(values, dtype=np.float32))


def test_two_groups_join_when_their_pairs_reach_the_bound_on_average() -> None:
    assert link([0, 1], pairs((0, 1, 0.5)), bound=0.5) == [0, 0]
    assert link([0, 1], pairs((0, 1, 0.49)), bound=0.5) == [0, 1]
    # The third is as similar to the first as to be joined, but not to the second: half is not enough for both.
    assert link([0, 1, 2], pairs((0, 1, 0.9), (0, 2, 0.6)), bound=0.5) == [0, 0, 2]
    assert link([0, 1, 2], pairs((0, 1, 0.9), (0, 2, 0.6), (1, 2, 0.4)), bound=0.5) == [0, 0, 0]


def test_the_most_similar_join_first() -> None:
    assert link([0, 1, 2], pairs((0, 1, 0.6), (1, 2, 0.9)), bound=0.5) == [0, 1, 1]


def test_two_fixed_groups_never_come_together_not_even_by_a_third() -> None:
    near = pairs((0, 1, 0.9), (1, 2, 0.8), (0, 2, 0.9))
    assert link([0, 1, 2], near, bound=0.5) == [0, 0, 0]
    assert link([0, 1, 2], near, bound=0.5, fixed=[0, 2]) == [0, 0, 2]


def test_groups_of_several_items_count_by_all_their_pairs() -> None:
    assert link([0, 0, 1], pairs((0, 2, 0.9), (1, 2, 0.2)), bound=0.5) == [0, 0, 0]
    assert link([0, 0, 1], pairs((0, 2, 0.9)), bound=0.5) == [0, 0, 1]


# Languages


def bridged(
    *,
    days: float = 0,
    names: str = "Papanov Bekturov",
    number: str = "340",
    about: tuple[str, str] = ("KZ", "KZ"),
    language: str = "fr",
    others: int = 0,
) -> bool:
    one = report(0, f"{names} {number}", about=about[0])
    other = report(1, f"{names} {number}", days=days, language=language, about=about[1])
    more = [report(2 + n, f"{names}", about=about[0]) for n in range(others)]
    return (0, 1) in bridge_pairs([one, other, *more])


def test_two_names_and_a_number_make_one_event_of_reports_in_two_languages() -> None:
    assert bridged()
    assert not bridged(language="en")
    assert not bridged(language="")
    assert not bridged(number="7")  # one digit says nothing
    assert not bridged(names="Papanov", number="340 1250")
    assert bridged(names="Papanov Bekturov Shardara", number="")


def test_without_countries_four_things_in_common_are_needed_and_other_countries_are_no_event() -> None:
    assert not bridged(about=("", ""))
    assert not bridged(about=("KZ", ""))
    assert bridged(about=("", ""), number="340 1250")
    assert not bridged(about=("KZ", "UZ"), number="340 1250")


def test_reports_of_two_languages_are_a_day_and_a_half_apart_at_most() -> None:
    assert bridged(days=1.5)
    assert not bridged(days=1.51)


def test_a_name_in_thirteen_reports_is_of_somebody_who_is_in_every_paper() -> None:
    assert bridged(others=10)
    assert not bridged(others=11)


def test_only_pairs_with_an_asked_report_are_looked_for() -> None:
    reports = [
        report(n, "Papanov Bekturov 340", language=("en", "fr", "de")[n], about="KZ") for n in range(3)
    ]
    assert bridge_pairs(reports) == [(0, 1), (0, 2), (1, 2)]
    assert bridge_pairs(reports, {0}) == [(0, 1), (0, 2)]


def test_names_are_the_same_in_all_scripts_and_need_three_consonants() -> None:
    assert consonants("Lukashenko") == consonants("Лукашенко") == "LKSNK"
    assert consonants("Anna") == "N"  # a doubled letter is one
    assert consonants("Tabat") == "TPT"
    assert name_keys("Bakt", "") == {"PKT"}
    assert name_keys("Osh Papanov says", "") == {consonants("Papanov")}
    assert name_keys("", "x" * 592 + " Papanovk") == {consonants("Papanov")}  # of 600 characters


def test_numbers_of_two_to_nine_digits_count() -> None:
    assert number_keys("7 dead, 12 hurt, 123456789 and 1234567890 in 05", "") == {"12", "123456789", "5"}


# Chapters


def news(new: list[Report], sent: list[Report], others: int = 100) -> bool:
    window = [*new, *sent, *(report(1000 + n, words(f"q{n:03}", 3)) for n in range(others))]
    return brings_new_facts(new, sent, WordRarity.of(window))


def test_a_fifth_of_new_words_in_a_headline_opens_a_chapter() -> None:
    sent = [report(0, words("a", 12), words("a", 12))]
    assert not news([report(1, words("a", 12))], sent)
    assert not news([report(1, f"{words('a', 11)} {words('b', 1)}")], sent)
    assert news([report(1, f"{words('a', 6)} {words('b', 4)}")], sent)
    even = WordRarity(Counter(), 10)
    assert brings_new_facts([report(1, words("a", 5))], [report(0, words("a", 4))], even)


def test_words_that_the_sent_texts_have_are_no_news_in_a_later_headline() -> None:
    assert not news([report(1, words("b", 4))], [report(0, words("a", 4), words("b", 4))])


def test_a_translation_is_no_news() -> None:
    assert not news([report(1, words("b", 8), language="fr")], [report(0, words("a", 8))])
    assert not news([], [report(0, words("a", 8))])
    assert not news([report(1, "")], [report(0, words("a", 8))])


def test_three_new_words_that_two_reports_agree_on_open_a_chapter() -> None:
    sent = [report(0, words("a", 26))]

    def two(agreed: int) -> list[Report]:
        return [report(n, f"{words('a', 26)} {words('b', agreed)}") for n in (1, 2)]

    assert news(two(3), sent)
    assert not news(two(2), sent)
    assert not news(two(3)[:1], sent)


def test_a_common_word_is_no_new_fact() -> None:
    rarity = WordRarity.of([report(n, "Papanov speaks" if n < 5 else "Silence") for n in range(200)])
    assert not rarity.is_rare("papan")  # five of two hundred: more than one in fifty
    assert rarity.is_rare("nothing")
    few = WordRarity.of([report(n, "Papanov speaks" if n < 3 else "Silence") for n in range(10)])
    assert few.is_rare("papan")
    assert few.weight("papan") > few.weight("silen") > 0
    assert WordRarity.of([report(0, "Silence")] * 5).weight("silen") == pytest.approx(0.087, abs=0.001)


def test_a_word_in_one_of_fifty_reports_is_rare_and_in_three_of_a_few() -> None:
    def is_rare(count: int, reports: int) -> bool:
        return WordRarity(Counter({"word": count}), reports).is_rare("word")

    assert is_rare(20, 1000)
    assert not is_rare(21, 1000)
    assert is_rare(3, 10)
    assert not is_rare(4, 10)


def test_the_last_chapter_that_a_reader_received_is_the_one_that_goes_on() -> None:
    chapters = [Chapter(1, MORNING), Chapter(3, MORNING + timedelta(days=1)), Chapter(2, MORNING)]
    assert last_received(chapters, {1, 3}) == chapters[1]
    assert last_received(chapters, {1, 2}) == chapters[2]
    assert last_received(chapters, {9}) is None


# Words and pairs


def test_words_are_compared_by_their_first_five_letters() -> None:
    assert stems("Harbours harbour a 7 塔什 الجسر") == ["harbo", "harbo", "7", "塔", "什", "جسر"]


def similar(*titles: str) -> list[tuple[int, int]]:
    found = ReportIndex.of(report(n, title) for n, title in enumerate(titles)).similar_pairs()
    return sorted(zip(found.first.tolist(), found.second.tolist(), strict=True))


def test_a_report_of_three_words_is_like_no_other() -> None:
    others = [words(f"c{n}", 5) for n in range(6)]
    assert similar(words("a", 4), words("a", 4), *others) == [(0, 1)]
    assert similar(words("a", 3), words("a", 3), *others) == []


def test_an_index_forgets_the_reports_that_were_added_last() -> None:
    index = ReportIndex.of([report(0, words("a", 5)), report(1, words("b", 5))])
    index.add(report(2, words("a", 5)))
    assert len(index.similar_pairs().first) == 1
    index.remove_last(1)
    assert len(index) == 2
    assert len(index.similar_pairs().first) == 0


def test_only_the_asked_reports_get_pairs_each_once() -> None:
    reports = [report(n, words("a", 5)) for n in range(3)] + [
        report(9 + n, words(f"b{n}", 5)) for n in range(5)
    ]
    found = ReportIndex.of(reports).similar_pairs([1])
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(0, 1), (1, 2)]
    assert found.similarity.tolist() == pytest.approx([1.0, 1.0])


def test_a_text_of_another_event_hours_later_is_no_report_of_it() -> None:
    pair = [words("a", 6), f"{words('a', 4)} {words('b', 2)}"]
    others = [report(50 + n, words(f"c{n}", 5)) for n in range(10)]

    def stories(days: float, about: tuple[str, str] = ("KZ", "KZ")) -> int:
        reports = [report(0, pair[0], about=about[0]), report(1, pair[1], days=days, about=about[1])]
        return len(group_reports(ReportIndex.of([*reports, *others]))) - len(others)

    assert stories(0.5) == 1
    assert stories(2.5) == 2
    assert stories(0.5, ("KZ", "UZ")) == 1
    assert stories(1, ("KZ", "UZ")) == 2
    assert stories(1, ("KZ", "")) == 1
