"""Titles, excerpts and dates of articles."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.cleaning import choose_date, clean_title, make_excerpt
from digest.articles.states import DateSource

NOW = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_short_summary_is_shown_whole() -> None:
    assert make_excerpt("The port has grown.", "<p>Something else.</p>") == "The port has grown."


def test_the_content_is_used_if_there_is_no_summary() -> None:
    assert make_excerpt("", "<p>The port</p><p>has grown.</p><script>x</script>") == "The port has grown."


def test_a_long_text_ends_with_a_sentence() -> None:
    text = "The port of Aktau handled more grain. " + "Ships left for Baku every day of the week. " * 20
    excerpt = make_excerpt(text, "")
    assert len(excerpt) <= 280
    assert excerpt.endswith("of the week.")


def test_an_abbreviation_does_not_end_a_sentence() -> None:
    text = (
        "The harbour master, who has led the port for thirty long years, met the U.S. envoy "
        + "and others " * 30
    )
    assert make_excerpt(text, "", limit=100).endswith("…")
    assert make_excerpt(
        "He met Mr. Lind at the pier in the old harbour. And then he left.", "", limit=50
    ).endswith("harbour.")


def test_a_long_sentence_is_cut_between_words() -> None:
    excerpt = make_excerpt("harbour " * 100, "", limit=30)
    assert excerpt == "harbour harbour harbour…"


def test_a_text_without_spaces_is_cut_anywhere() -> None:
    assert make_excerpt("港" * 500, "", limit=50) == "港" * 49 + "…"


@pytest.mark.parametrize(
    "tail",
    ["[…]", "[...]", "Read more…", "Continue reading →", "The post Port grows appeared first on Quay."],
)
def test_a_publishers_call_to_read_on_is_left_out(tail: str) -> None:
    assert make_excerpt(f"The port has grown. {tail}", "") == "The port has grown."


@given(st.text(alphabet="ab .!?<>&;港\n…", max_size=600), st.integers(20, 300))
def test_an_excerpt_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(make_excerpt(text, "", limit)) <= limit


def test_a_title_is_plain_and_of_bounded_length() -> None:
    assert clean_title("Salt &amp; <b>grain</b>\n grow") == "Salt & grain grow"
    assert clean_title("port " * 200, limit=12) == "port port…"


def test_the_date_of_publication_is_preferred() -> None:
    assert choose_date(NOW - DAY, NOW, seen_at=NOW) == (NOW - DAY, DateSource.PUBLISHED)
    assert choose_date(None, NOW - DAY, seen_at=NOW) == (NOW - DAY, DateSource.UPDATED)
    assert choose_date(None, None, seen_at=NOW) == (NOW, DateSource.SEEN)


def test_a_date_in_the_future_or_before_the_web_does_not_count() -> None:
    assert choose_date(NOW + DAY, NOW - DAY, seen_at=NOW) == (NOW - DAY, DateSource.UPDATED)
    assert choose_date(datetime(1970, 1, 1, tzinfo=UTC), None, seen_at=NOW) == (NOW, DateSource.SEEN)


def test_a_clock_that_is_a_little_fast_is_accepted() -> None:
    assert choose_date(NOW + timedelta(minutes=5), None, seen_at=NOW) == (NOW, DateSource.PUBLISHED)


@pytest.mark.parametrize("stop", [".", "!", "?", "…", "؟", "۔", "।", "։", "။", "។", '."', ".»"])
def test_an_excerpt_ends_with_a_sentence_in_any_script(stop: str) -> None:
    first = "ab " * 40 + "ab" + stop
    assert make_excerpt(f"{first} {'cd ' * 80}", "") == first


def test_an_excerpt_of_a_script_without_spaces_ends_with_a_sentence() -> None:
    first = "橋" * 120 + "。"
    assert make_excerpt(first + "川" * 300, "") == first
