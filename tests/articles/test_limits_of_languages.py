"""Which reports in two languages are of one event: shared names and numbers, and what says nothing."""

from digest.articles.pure.cross_language import bridge_pairs, country_keys
from digest.articles.pure.reports import Report
from tests.articles.test_limits_of_grouping import report


def pair(first: str, second: str, *more: Report, languages: tuple[str, str] = ("en", "fr")) -> bool:
    reports = [
        report(n, title, language=language, about="KZ")
        for n, (title, language) in enumerate(zip((first, second), languages, strict=True))
    ]
    return (0, 1) in bridge_pairs([*reports, *more])


def test_numbers_count_only_if_both_reports_have_them() -> None:
    assert pair("Papanov Bekturov 340", "Papanov Bekturov 340")
    assert not pair("Papanov Bekturov 340", "Papanov Bekturov 999")


def test_two_reports_in_one_language_are_no_bridge_beside_one_in_another() -> None:
    french = report(9, "Autre", language="fr")
    assert not pair("Papanov Bekturov 340", "Papanov Bekturov 340", french, languages=("en", "en"))


def test_the_name_of_the_country_itself_says_nothing() -> None:
    assert country_keys("en", "KZ") == ("KSK",)
    assert country_keys("xx", "KZ") == ()
    assert not pair("Papanov Kazakhstan 340", "Papanov Kazakhstan 340")
    assert pair("Papanov Shardara 340", "Papanov Shardara 340")


def test_in_a_large_window_a_name_may_stand_in_one_of_a_hundred_reports() -> None:
    same = [report(10 + n, "Papanov Bekturov") for n in range(11)]
    assert not pair("Papanov Bekturov 340", "Papanov Bekturov 340", *same)
    others = [report(100 + n, "Ferry") for n in range(1287)]
    assert pair("Papanov Bekturov 340", "Papanov Bekturov 340", *same, *others)
