"""What headlines say: their weight, which one leads a story, and which words a story is about."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.articles.pure.headline_weight import HeadlineWeight, headline_weight
from digest.articles.pure.headline_words import (
    MAX_COMPARED,
    common_share,
    headline_words,
    story_words,
    typicality,
)
from digest.articles.pure.kind_rules import load_rules
from digest.articles.pure.shown_story import ShownArticle, lead_order
from digest.articles.states import ArticleKind

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
EXCERPT = "The ministry said so in the morning, and more is expected."


def article(number: int, title: str, hours: float = 1, kind: ArticleKind = ArticleKind.NEWS) -> ShownArticle:
    published_at = NOON - timedelta(hours=hours)
    url = f"https://s{number}.example/"
    return ShownArticle(number, number, f"Source {number}", title, url, EXCERPT, published_at, kind=kind)


def lead(*articles: ShownArticle) -> str:
    return lead_order(articles)[0].title


def test_the_headline_that_says_what_most_reports_say_leads() -> None:
    typical = "Ferry sinks off Batumi, coastguard says"
    others = ["Ferry sinks near Batumi", "Coastguard: ferry sinks off Batumi", "A night of fear by the sea"]
    reports = [
        article(n, title, hours=n) for n, title in enumerate((others[2], typical, *others[:2]), start=1)
    ]
    assert lead(*reports) != others[2]
    assert lead(*reports[::-1]) == lead(*reports)


def test_of_equal_headlines_the_newest_leads() -> None:
    assert lead(article(1, "Ferry sinks, 3 dead", 5), article(2, "Ferry sinks, 7 dead", 1)).endswith("7 dead")


def test_a_typical_headline_of_the_morning_gives_way_to_the_news_of_the_evening() -> None:
    morning = [article(n, "Polls open in Georgia's runoff", hours=14) for n in (1, 2, 3)]
    assert lead(*morning, article(4, "Opposition wins Georgia's runoff", hours=1)).startswith(
        "Opposition wins"
    )


def test_a_headline_that_asks_does_not_lead() -> None:
    asks = article(1, "Who sank the ferry off Batumi?", 1, kind=ArticleKind.ANALYSIS)
    assert lead(asks, article(2, "Ferry sinks off Batumi", 3)) == "Ferry sinks off Batumi"


def test_headlines_of_two_reports_are_equally_typical() -> None:
    assert typicality(["Ferry sinks", "Port closed"]) == [0.0, 0.0]
    assert typicality([]) == []


def test_a_story_of_many_reports_is_compared_with_the_newest() -> None:
    titles = ["Ferry sinks off Batumi"] * MAX_COMPARED + ["Walnut trees planted"] * MAX_COMPARED
    shared = typicality(titles)
    assert shared[0] > shared[-1] == 0.0


def test_words_of_one_more_headline_do_not_make_a_story_about_them() -> None:
    words = story_words(
        "Ferry sinks off Batumi", ["Vessel lost near port", "Vessel lost at night", "Storm over sea"]
    )
    assert {"ferry", "batumi", "vessel", "lost"} <= words
    assert "storm" not in words
    assert common_share(frozenset(), words) == 0.0
    assert "2031" in headline_words("Budget of 2031")


@pytest.mark.parametrize(
    ("language", "routine"),
    [
        ("ar", "أسعار النفط ترتفع مع ترقب الأسواق"),
        ("az", "Brent neft ucuzlaşıb"),
        ("de", "Dax schließt kaum verändert"),
        ("en", "Wall St set to open higher on chip hopes"),
        ("en", "Steppe Motors raises full-year forecasts after strong sales"),
        ("es", "El dólar sube ante el peso"),
        ("fa", "قیمت طلا افزایش یافت"),
        ("fr", "Le pétrole recule avant la réunion"),
        ("hy", "Դոլարի փոխարժեքը նվազել է"),
        ("ka", "დოლარის კურსი გაიზარდა"),
        ("kk", "Доллар бағамы төмендеді"),
        ("ru", "Курс доллара опустился ниже 80"),
        ("tr", "Gram altın güne yükselişle başladı"),
        ("uk", "Нафта дорожчає третій день"),
    ],
)
def test_prices_of_a_day_and_figures_of_companies_are_routine(language: str, routine: str) -> None:
    assert headline_weight(routine, language) == HeadlineWeight.ROUTINE


@pytest.mark.parametrize(
    "title",
    [
        "Oil falls after missile hits refinery, 12 killed",
        "Gold mine collapse: 30 killed as search goes on",
        "Police arrest dollar forgers in Osh",
        "Parliament passes budget with higher profit tax",
    ],
)
def test_words_of_hard_news_make_a_report_of_it(title: str) -> None:
    assert headline_weight(title, "en") == HeadlineWeight.HARD


def test_a_headline_without_such_words_is_plain() -> None:
    assert headline_weight("Lost library book comes home after 150 years", "en") == HeadlineWeight.PLAIN
    assert headline_weight("島根県で新しい図書館が開館", "ja") == HeadlineWeight.PLAIN


def test_a_bare_name_is_no_report() -> None:
    assert headline_weight("Flawed inquiries", "en") == HeadlineWeight.ROUTINE
    assert headline_weight("Earthquake kills nine", "en") == HeadlineWeight.HARD


def test_every_language_has_words_of_routine_news() -> None:
    for language in load_rules().titles.values():
        assert all(language["routine"][name] for name in ("things", "moves", "figures"))
