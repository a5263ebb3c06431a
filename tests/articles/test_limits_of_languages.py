"""Reports in two languages, and later reports of stories that were sent: what they share, and what is new in them."""

from digest.articles.pure.cross_language import bridge_pairs, country_keys
from digest.articles.pure.linkage import link
from digest.articles.pure.reports import Report
from tests.articles.test_grouping import FLOOD, FLOOD_NEXT_DAY, MATCH, OTHER_FLOOD, group, report, sent
from tests.articles.test_limits_of_grouping import pairs
from tests.articles.test_limits_of_grouping import report as short_report


def pair(first: str, second: str, *more: Report, languages: tuple[str, str] = ("en", "fr")) -> bool:
    reports = [
        short_report(n, title, language=language, about="KZ")
        for n, (title, language) in enumerate(zip((first, second), languages, strict=True))
    ]
    return (0, 1) in bridge_pairs([*reports, *more])


def test_numbers_count_only_if_both_reports_have_them() -> None:
    assert pair("Papanov Bekturov 340", "Papanov Bekturov 340")
    assert not pair("Papanov Bekturov 340", "Papanov Bekturov 999")


def test_two_reports_in_one_language_are_no_bridge_beside_one_in_another() -> None:
    french = short_report(9, "Autre", language="fr")
    assert not pair("Papanov Bekturov 340", "Papanov Bekturov 340", french, languages=("en", "en"))


def test_the_name_of_the_country_itself_says_nothing() -> None:
    assert country_keys("en", "KZ") == ("KSK",)
    assert country_keys("xx", "KZ") == ()
    assert not pair("Papanov Kazakhstan 340", "Papanov Kazakhstan 340")
    assert pair("Papanov Shardara 340", "Papanov Shardara 340")


def test_in_a_large_window_a_name_may_stand_in_one_of_a_hundred_reports() -> None:
    same = [short_report(10 + n, "Papanov Bekturov") for n in range(11)]
    assert not pair("Papanov Bekturov 340", "Papanov Bekturov 340", *same)
    others = [short_report(100 + n, "Ferry") for n in range(1287)]
    assert pair("Papanov Bekturov 340", "Papanov Bekturov 340", *same, *others)


def test_what_came_after_an_edition_was_not_sent_though_it_is_in_the_story() -> None:
    late = report(1, FLOOD_NEXT_DAY, hours=20)
    again = report(
        2, ("Papan dam breaks above Osh", FLOOD_NEXT_DAY[1] + " Engineers were at work."), hours=21
    )
    at_once = sent(7, hours=0)  # the first report was seen at the very moment
    stories = group(report(0, FLOOD), late, again, stories={0: at_once, 1: at_once})
    assert [set(found.keys) for found in stories] == [{0, 1}, {2}]
    assert {found.thread for found in stories} == {7}
    known_later = sent(7, hours=20)
    (story,) = group(report(0, FLOOD), late, again, stories={0: known_later, 1: known_later})
    assert set(story.keys) == {0, 1, 2}


def test_threads_that_no_edition_had_have_negative_numbers() -> None:
    found = group(report(0, FLOOD), report(1, OTHER_FLOOD), report(2, MATCH))
    assert len(found) == 3
    assert all(each.thread < 0 for each in found)


def test_two_pairs_with_one_likeness_between_them_stay_two_groups() -> None:
    assert link([0, 1, 2, 3], pairs((0, 1, 0.9), (2, 3, 0.9), (0, 2, 0.6)), bound=0.5) == [0, 0, 2, 2]
