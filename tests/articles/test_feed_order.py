"""Whether the order of a document is an editor's, and the places that its entries have then."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.articles.pure.feed_order import MAX_POSITION, editorial_positions

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
moments = st.integers(0, 5_000).map(lambda minutes: NOON - timedelta(minutes=minutes))


def ago(*hours: float | None) -> list[datetime | None]:
    return [None if hour is None else NOON - timedelta(hours=hour) for hour in hours]


@settings(deadline=None, max_examples=60)
@given(st.lists(moments, min_size=1))
def test_a_document_with_the_newest_first_says_nothing_by_its_order(dates: list[datetime]) -> None:
    assert set(editorial_positions(sorted(dates, reverse=True))) == {None}


@settings(deadline=None, max_examples=60)
@given(st.lists(st.none() | moments, max_size=40))
def test_each_entry_has_its_own_place_or_none_has_one(dates: list[datetime | None]) -> None:
    places = editorial_positions(dates)
    assert places in ([None] * len(dates), list(range(1, len(dates) + 1)))


def test_an_editor_who_leads_with_yesterdays_report_has_an_order() -> None:
    assert editorial_positions(ago(20, 3, 9, 1, 12, 2)) == [1, 2, 3, 4, 5, 6]


def test_entries_without_dates_stand_where_the_publisher_put_them() -> None:
    assert editorial_positions(ago(None, None, None, None, None)) == [1, 2, 3, 4, 5]


def test_a_single_dated_entry_says_nothing_by_its_place() -> None:
    assert editorial_positions(ago(1)) == [None]


def test_one_date_among_many_entries_without_one_leaves_the_order() -> None:
    assert editorial_positions(ago(None, None, 3, None)) == [1, 2, 3, 4]


def test_one_corrected_date_among_many_makes_no_editorial_order() -> None:
    assert set(editorial_positions(ago(1, 2, 3, 9, 5, 6, 7, 8, 10, 11, 12, 13))) == {None}


def test_a_list_of_days_is_no_editorial_order() -> None:
    assert set(editorial_positions(ago(0, 0, 0, 24, 24, 48))) == {None}


def test_what_stands_far_down_has_no_place() -> None:
    places = editorial_positions([None] * (MAX_POSITION + 1))
    assert places[-2:] == [MAX_POSITION, None]
