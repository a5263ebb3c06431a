"""Who speaks in a report: two feeds of one publisher are one voice, and so are the copies of an agency's report."""

import pytest

from digest.articles.pure.voices import credited_agency, owner_key, voice_of, with_agency


def test_two_feeds_of_one_site_have_one_owner() -> None:
    world = owner_key(1, "https://feeds.harbour.example/world.xml", "https://harbour.example/")
    sport = owner_key(2, "https://www.harbour.example/sport/rss", "")
    assert world == sport == "harbour.example"


def test_feeds_at_a_shared_site_belong_to_the_site_that_they_name() -> None:
    feed = "https://feeds.feedburner.com/harbour"
    assert owner_key(1, feed, "https://harbour.example/") == "harbour.example"


def test_feeds_of_a_news_search_are_not_one_owner() -> None:
    one, two = (f"https://news.google.com/rss/search?q={name}" for name in ("steppe", "harbour"))
    assert owner_key(1, one, "https://news.google.com/") != owner_key(2, two, "https://news.google.com/")


@pytest.mark.parametrize(
    ("author", "text", "agency"),
    [
        ("", "TASHKENT (Reuters) - The road over the pass is open again.", "reuters"),
        ("", "ТАШКЕНТ (РИА Новости) — Дорогу через перевал открыли.", "ria"),
        ("", "The road over the pass is open again, officials said. (AFP)", "afp"),
        ("", "The road over the pass is open again, officials said. — AP", "ap"),
        ("The Associated Press", "The road is open.", "ap"),
        ("By Reuters", "The road is open.", "reuters"),
        ("Aigul Sadykova (Reuters)", "The road is open.", "reuters"),
        ("Aigul Sadykova (Harbour Wire)", "The road is open.", ""),
        ("Aigul Sadykova", "The road is open.", ""),
        ("", "The party (PTI) – the largest – won. It celebrated for hours in the streets of the capital.", "pti"),
        ("", "The company (founded in 1990) - a maker of tyres - has a new head.", ""),
        ("", "Reuters and AFP moved to new offices in the old harbour.", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_an_agency_is_credited_where_agencies_are_credited(author: str, text: str, agency: str) -> None:
    assert credited_agency(author, text) == agency


def test_an_agency_and_the_papers_that_copy_it_are_one_voice() -> None:
    own = voice_of("reuters.example", "Reuters")
    copy = voice_of("harbour.example", "Harbour Wire", text="TASHKENT (Reuters) - The road is open.")
    other = voice_of("steppe.example", "The Steppe Post", text="The road is open.")
    assert own == copy != other == "steppe.example"


@pytest.mark.parametrize(
    ("author", "text", "kept"),
    [
        ("", "TASHKENT (Reuters) - The road is open.", "Reuters"),
        ("Aigul Sadykova", "TASHKENT (Reuters) - The road is open.", "Aigul Sadykova (Reuters)"),
        ("By Reuters", "TASHKENT (Reuters) - The road is open.", "By Reuters"),
        ("Aigul Sadykova", "The road is open.", "Aigul Sadykova"),
        ("Aigul Sadykova", "The party (of the steppe) – has won.", "Aigul Sadykova"),
    ],
)
def test_the_agency_of_a_text_stays_known_when_the_excerpt_has_lost_it(
    author: str, text: str, kept: str
) -> None:
    assert with_agency(author, text) == kept
    assert credited_agency(kept, "") == credited_agency(author, text)
