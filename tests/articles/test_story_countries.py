"""The countries of a story are those of most of its reports."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.story_countries import ReportTag, StoryCountry, chosen_countries, story_countries

FIRST = datetime(2026, 3, 2, 6, tzinfo=UTC)


def at(hours: float) -> datetime:
    return FIRST + timedelta(hours=hours)


def test_a_story_of_one_report_has_its_countries() -> None:
    tags = [ReportTag(1, "KZ", 1.0, FIRST), ReportTag(1, "UZ", 0.6, FIRST)]
    assert story_countries(tags) == [StoryCountry("KZ", 1.0, FIRST), StoryCountry("UZ", 0.6, FIRST)]


def test_a_country_of_one_of_four_reports_places_nothing() -> None:
    tags = [ReportTag(n, "TH", 1.0, FIRST) for n in range(4)] + [ReportTag(3, "BR", 1.0, FIRST)]
    assert [country.country for country in story_countries(tags)] == ["TH"]


def test_a_country_of_half_of_the_reports_counts_with_its_mean_weight() -> None:
    tags = [ReportTag(n, "TH", 1.0, FIRST) for n in range(4)] + [
        ReportTag(n, "MM", 0.8, FIRST) for n in (1, 2)
    ]
    assert [(country.country, country.weight) for country in story_countries(tags)] == [
        ("TH", 1.0),
        ("MM", 0.4),
    ]


def test_if_no_country_has_half_of_the_reports_those_with_the_most_weight_count() -> None:
    tags = [ReportTag(1, "KZ", 1.0, FIRST), ReportTag(2, "UZ", 0.5, FIRST), ReportTag(3, "TJ", 1.0, FIRST)]
    assert {country.country for country in story_countries(tags)} == {"KZ", "TJ"}


def test_a_country_that_reports_mention_in_passing_is_not_the_place_of_a_story() -> None:
    tags = [ReportTag(n, "TH", 1.0, FIRST) for n in range(4)]
    tags += [ReportTag(n, "KH", 0.25, FIRST) for n in range(3)] + [
        ReportTag(n, "LA", 0.5, FIRST) for n in range(4)
    ]
    tags += [ReportTag(n, "MY", 0.3, FIRST) for n in range(4)]  # in all of them, and in passing
    assert [country.country for country in story_countries(tags)] == ["TH", "LA"]


def test_a_story_is_news_for_a_country_when_most_reports_have_it_not_when_the_first_has() -> None:
    tags = [ReportTag(n, "KZ", 1.0, at(n)) for n in range(3)]
    tags += [ReportTag(0, "GE", 1.0, at(9)), ReportTag(1, "GE", 1.0, at(30))]
    assert {country.country: country.since for country in story_countries(tags)} == {
        "KZ": at(0),
        "GE": at(30),
    }


def test_a_country_that_loses_the_majority_and_gains_it_again_is_news_again() -> None:
    tags = [ReportTag(0, "KZ", 1.0, at(0)), ReportTag(0, "GE", 1.0, at(0))]
    tags += [ReportTag(n, "KZ", 1.0, at(1)) for n in (1, 2)] + [ReportTag(1, "GE", 1.0, at(5))]
    assert {country.country: country.since for country in story_countries(tags)}["GE"] == at(5)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 4), st.sampled_from(["KZ", "UZ", "GE"]), st.floats(0.1, 1), st.integers(0, 5)
        ),
        min_size=1,
        unique_by=lambda row: row[:2],
    )
)
def test_a_story_with_tags_always_has_a_country_and_since_is_never_before_the_first_tag(
    rows: list[tuple[int, str, float, int]],
) -> None:
    tags = [ReportTag(report, country, weight, at(hours)) for report, country, weight, hours in rows]
    countries = story_countries(tags)
    assert countries
    for country in countries:
        assert country.since >= min(tag.since for tag in tags if tag.country == country.country)
    weights = {(tag.report, tag.country): tag.weight for tag in tags}
    assert {country.country: country.weight for country in countries} == chosen_countries(weights)
