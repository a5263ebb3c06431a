"""What is held for an editor, which dates are believed, and how texts are cut: each limit on both sides."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from digest.articles.pure.cleaning import choose_date, clean_title, make_excerpt
from digest.articles.pure.credit_lines import without_credit_lines
from digest.articles.pure.document_notes import document_notes
from digest.articles.pure.drafts import DraftedDocument
from digest.articles.pure.flood_rules import SourceHistory, decide_hold
from digest.articles.pure.headline_words import common_share, headline_words, story_words, typicality
from digest.articles.pure.ownership import SourceAddresses, takes_over
from digest.articles.pure.redirects import unwrap
from digest.articles.pure.story_countries import chosen_countries
from digest.articles.pure.tracking_parameters import without_tracking
from digest.articles.states import ArticleState, DateSource

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hold(
    fresh: int, *, old: int = 0, per_day: float | None = 2, last_day: int = 0, days: float | None = 0.01
) -> ArticleState:
    """What becomes of so many new articles of a source that was last read so many days ago."""
    last = None if days is None else NOW - timedelta(days=days)
    return decide_hold(range(fresh), range(old), history=SourceHistory(per_day, last_day, last), now=NOW)


@pytest.mark.parametrize(
    ("flood", "history"),
    [
        (200, {"days": None}),  # a first document
        (200, {"per_day": None}),  # twenty a day are assumed
        (30, {"per_day": 2}),
        (40, {"per_day": 4}),
        (120, {"per_day": 4, "days": 3}),  # three days' worth
        (40, {"per_day": 0.1, "days": 4}),  # one a day at least
        (30, {"per_day": 2, "days": 0.5}),
        (10, {"per_day": 2, "last_day": 20}),
    ],
)  # fmt: skip
def test_ten_times_the_usual_number_is_a_flood(flood: int, history: dict[str, float | None]) -> None:
    assert hold(flood, **history) == ArticleState.FLOOD  # type: ignore[arg-type]
    assert hold(flood - 1, **history) == ArticleState.RELEASED  # type: ignore[arg-type]


def test_ten_old_articles_and_no_new_one_are_held() -> None:
    assert hold(0, old=10) == ArticleState.OLD
    assert hold(0, old=9) == ArticleState.RELEASED
    assert hold(1, old=50) == ArticleState.RELEASED
    assert hold(0, old=50, days=None) == ArticleState.RELEASED  # the backlog of a first document
    assert hold(0, last_day=500) == ArticleState.RELEASED


def test_a_date_from_1990_to_an_hour_ahead_is_believed() -> None:
    first = datetime(1990, 1, 1, tzinfo=UTC)
    assert choose_date(first, NOW, seen_at=NOW) == (first, DateSource.PUBLISHED)
    assert choose_date(first - HOUR, NOW - HOUR, seen_at=NOW) == (NOW - HOUR, DateSource.UPDATED)
    assert choose_date(NOW + HOUR, None, seen_at=NOW) == (NOW, DateSource.PUBLISHED)
    assert choose_date(NOW + HOUR * 1.01, None, seen_at=NOW) == (NOW, DateSource.SEEN)
    assert choose_date(None, None, seen_at=NOW) == (NOW, DateSource.SEEN)


def test_an_excerpt_ends_with_its_last_whole_sentence() -> None:
    text = "The ferry ran. The bridge was open. Nobody came to see it."
    assert make_excerpt(text, "", len(text)) == text
    assert make_excerpt(text, "", len(text) - 1) == "The ferry ran. The bridge was open."
    assert make_excerpt(text, "", 35) == "The ferry ran. The bridge was open."
    assert make_excerpt(text, "", 34) == "The ferry ran."
    assert make_excerpt(text, "", 0) == ""


def test_a_first_sentence_that_is_too_short_is_followed_by_a_cut_one() -> None:
    rest = "the ferry of the harbour runs again today and tomorrow"
    assert make_excerpt(f"Update it. And {rest}", "", 40) == "Update it."
    assert make_excerpt(f"Updated. And {rest}", "", 40) == "Updated. And the ferry of the harbour…"


def test_no_sentence_ends_after_an_abbreviation() -> None:
    text = "The governor met Gen. Akhmetov of the U.S. Army at noon. Nobody else came."
    assert make_excerpt(text, "", 60) == "The governor met Gen. Akhmetov of the U.S. Army at noon."
    assert make_excerpt(text, "", 45) == "The governor met Gen. Akhmetov of the U.S.…"


def test_a_headline_is_cut_between_words_or_within_a_very_long_one() -> None:
    assert clean_title("one two three four", 18) == "one two three four"
    assert clean_title("one two three four", 17) == "one two three…"
    assert clean_title("one two three, four", 15) == "one two three…"
    assert clean_title("Less is < beauty") == "Less is < beauty"
    assert clean_title("x <b y") == "x <b y"  # no markup, though a part of it looks like a tag
    assert clean_title("alpha beta gamma delta", 17) == "alpha beta gamma…"
    assert clean_title("x" * 10 + " " + "y" * 30, 20) == "x" * 10 + " " + "y" * 8 + "…"
    assert clean_title("x" * 11 + " " + "y" * 30, 20) == "x" * 11 + "…"
    assert clean_title("one " + "x" * 30, 20) == "one " + "x" * 15 + "…"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("ALMATY, Jan 14 (Reuters) - The port has grown by a third.", "The port has grown by a third."),
        ("By Ann Lind | The port has grown by a third.", "The port has grown by a third."),
        ("[One] [Two] [Three] [Four] The port has grown by a third.", "[Four] The port has grown by a third."),
        ("[One] The port is 15", "[One] The port is 15"),  # too little would be left
        ("[One] The port is 15!", "The port is 15!"),
        ("Old Port of old, (AP) - The port has grown.", "Old Port of old, (AP) - The port has grown."),
        ("del 14 enero, (EFE) - El puerto ha crecido.", "del 14 enero, (EFE) - El puerto ha crecido."),
        ("[One] the port has grown by a third.", "[One] the port has grown by a third."),  # within a sentence
        ("The Party (PTI) - has grown by a third.", "The Party (PTI) - has grown by a third."),
        ("UN, Jan 14 (Reuters) - The port has grown.", "The port has grown."),
        ("UN (Local) - The port has grown.", "The port has grown."),
        ("U (Local) - The port has grown.", "U (Local) - The port has grown."),
        ("MADRID, 14 de enero del año (EFE) - El puerto ha crecido.", "El puerto ha crecido."),
        ("OSLO, 14 de mayo del gran mes (EFE) - Ha crecido.", "OSLO, 14 de mayo del gran mes (EFE) - Ha crecido."),
        ("Тбилиси ჰ (AP) - The port has grown.", "The port has grown."),
        ("MADRID, 14 de enero de 2026 (EFE) - El puerto ha crecido.", "El puerto ha crecido."),
        ("The port of the north, (AP) - The port has grown.", "The port of the north, (AP) - The port has grown."),
    ],
)  # fmt: skip
def test_who_reports_from_where_is_left_out_of_an_excerpt(text: str, rest: str) -> None:
    assert without_credit_lines(text) == rest


def test_a_town_alone_in_capitals_is_a_dateline_if_it_is_known() -> None:
    asked: list[str] = []

    def known(text: str) -> str:
        asked.append(text)
        return text.partition(" – ")[0]

    town = "A" * 41
    assert without_credit_lines(f"{town} – The port has grown.", known) == "The port has grown."
    assert without_credit_lines(f"{town}A – The port has grown.", known) == f"{town}A – The port has grown."
    assert without_credit_lines("Astana – The port has grown.", known) == "Astana – The port has grown."
    assert without_credit_lines("NATO – The port has grown.") == "NATO – The port has grown."
    without_credit_lines("ASTANA – The port " + "x" * 300, known)
    assert len(asked[-1]) == 200


def test_twenty_notes_are_shown_and_the_rest_is_counted() -> None:
    def notes(count: int) -> tuple[str, ...]:
        return document_notes([], DraftedDocument([], 0, [f"problem {n}" for n in range(count)]), 0)

    assert len(notes(20)) == 20
    assert notes(20)[-1] == "problem 19"
    assert len(notes(21)) == 20
    assert notes(21)[-2:] == ("problem 18", "and 2 more notes like the last one")
    assert document_notes(["x" * 301], DraftedDocument([], 1, []), 0) == (
        "x" * 300,
        "1 entry repeats an article already taken",
    )
    assert document_notes([], DraftedDocument([], 0, []), 0) == ()


def test_what_headlines_have_in_common_decides_which_is_typical() -> None:
    assert headline_words("The port of Aktau in 2026, at 7") == {"port", "aktau", "2026", "7"}
    assert common_share(frozenset("abcd"), frozenset("abxyz")) == 0.5
    assert common_share(frozenset(), frozenset("ab")) == 0.0
    assert typicality(["Port grows fast", "Port shrinks slowly"]) == [0.0, 0.0]
    usual, odd = "port aktau grows fast", "port something else entirely"
    assert typicality([usual, usual, odd]) == [2.25, 2.25, 1.5]
    assert story_words("port grows", ["aktau port", "aktau bridge", "ferry"]) == {"port", "grows", "aktau"}


def test_only_thirty_headlines_of_a_story_are_compared() -> None:
    same, other = "port aktau grows fast", "ferry runs again today"
    assert typicality([same] * 30 + [other] * 10)[-1] == 0.0
    assert typicality([same] * 29 + [other] * 10)[-1] == 1.0


def test_a_page_passes_to_the_source_of_its_own_site() -> None:
    page = "https://news.paper.example/a"
    own, other = (
        SourceAddresses("https://paper.example/feed", ""),
        SourceAddresses("https://x.example/feed", ""),
    )
    claims = SourceAddresses("https://feeds.example/1", "https://www.paper.example/")
    assert takes_over(page, newcomer=own, holder=claims)
    assert takes_over(page, newcomer=claims, holder=other)
    assert not takes_over(page, newcomer=claims, holder=own)
    assert not takes_over(page, newcomer=own, holder=own)
    assert not takes_over("http://192.0.2.1/a", newcomer=SourceAddresses("nonsense", ""), holder=other)


def test_three_redirects_are_unwrapped() -> None:
    def wrapped(layers: int) -> str:
        url = "https://news.example/a"
        for _ in range(layers):
            url = f"https://www.google.com/url?url={quote(url, safe='')}"
        return url

    assert unwrap(wrapped(3)) == "https://news.example/a"
    assert unwrap(wrapped(4)) == wrapped(1)


def test_only_what_says_where_a_visitor_came_from_leaves_an_address() -> None:
    assert without_tracking("a=1&&utm_source=x&b=2", "news.example") == "a=1&b=2"
    assert without_tracking("from=rss&from=almaty", "news.example") == "from=almaty"
    assert without_tracking("", "news.example") == ""


def test_a_country_needs_half_of_the_reports_and_two_fifths_of_the_strongest() -> None:
    assert list(chosen_countries({(1, "KZ"): 1.0, (1, "UZ"): 0.4, (1, "TJ"): 0.39})) == ["KZ", "UZ"]
    two = {(1, "KZ"): 1.0, (2, "KZ"): 1.0}
    assert list(chosen_countries(two | {(1, "UZ"): 0.8})) == ["KZ", "UZ"]
    assert list(chosen_countries(two | {(1, "UZ"): 0.79})) == ["KZ"]
    three = two | {(3, "KZ"): 1.0}
    assert list(chosen_countries(three | {(1, "UZ"): 3.0})) == ["KZ"]  # one of three reports
    assert list(chosen_countries({(1, "UZ"): 1.0, (1, "KZ"): 1.0})) == ["KZ", "UZ"]  # of equal ones by name
    assert chosen_countries({}) == {}
