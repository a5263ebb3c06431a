"""Which article of a story a reader sees first, and what is said of the others."""

from datetime import UTC, datetime, timedelta

from digest.articles.pure.shown_story import ShownArticle, StoryContents, build_shown_story, lead_order
from digest.articles.states import ArticleKind

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TITLES = {
    1: "Governor opens bridge over the Ural",
    2: "Bridge over Ural opened by governor",
    3: "Ural bridge: governor opens it",
}


def article(
    number: int, *, hours: float = 1, source: int = 0, title: str = "", excerpt: str = "x" * 40, language: str = "en",
    kind: ArticleKind = ArticleKind.NEWS, trust: float = 1.0,
) -> ShownArticle:  # fmt: skip
    return ShownArticle(
        number, source or number, f"source {number}", title or TITLES.get(number, f"Headline number {number}"), "",
        excerpt, NOON - timedelta(hours=hours), language, kind=kind, trust=trust,
    )  # fmt: skip


def order(*articles: ShownArticle, languages: tuple[str, ...] = ()) -> list[int]:
    numbers = [each.article_id for each in lead_order(articles, languages)]
    assert numbers == [each.article_id for each in lead_order(articles[::-1], languages)]
    return numbers


def test_news_leads_before_explainers_and_films_however_new() -> None:
    film, explainer = article(2, kind=ArticleKind.VIDEO), article(3, kind=ArticleKind.ANALYSIS)
    assert order(article(1, hours=20), film, explainer)[0] == 1
    sport = article(2, kind=ArticleKind.SPORT)
    assert order(article(1, hours=20), sport) == [1, 2]


def test_a_report_in_a_readers_language_leads() -> None:
    english, russian = article(1, hours=20), article(2, language="ru-RU")
    assert order(english, russian) == [2, 1]
    assert order(english, russian, languages=("en",)) == [1, 2]
    assert order(english, russian, languages=("ru", "kk")) == [2, 1]
    assert order(english, russian, languages=("en", "ru")) == [2, 1]


def test_the_first_of_the_same_headlines_is_the_original() -> None:
    same = "Governor opens the bridge over Ural"
    first, copy = article(2, hours=5, title=same), article(1, hours=2, title=same.upper())
    assert order(first, copy) == [2, 1]
    at_once = [article(number, title=same) for number in (1, 2)]
    assert order(*at_once) == [1, 2]
    short = [article(1, hours=2, title="Bridge opens"), article(2, hours=2, title="Bridge opens")]
    assert order(*short) == [2, 1]  # too few words to say who copied whom


def test_an_excerpt_of_forty_characters_says_more_than_a_headline() -> None:
    assert order(article(1, excerpt="x" * 40), article(2, excerpt="x" * 39)) == [1, 2]
    assert order(article(1, excerpt="x" * 39), article(2, excerpt="x" * 39)) == [2, 1]


def test_a_source_that_editors_trust_more_leads_before_a_newer_report() -> None:
    assert order(article(1, hours=20, trust=2.0), article(2)) == [1, 2]


def test_the_newest_six_hours_lead_and_among_them_the_last_article() -> None:
    assert order(article(2, hours=1), article(1, hours=6.9)) == [2, 1]
    assert order(article(1, hours=1), article(2, hours=6.9)) == [2, 1]
    assert order(article(1, hours=1), article(2, hours=7)) == [1, 2]


def test_the_headline_that_says_what_most_say_leads_its_six_hours() -> None:
    odd = article(9, title="A ribbon of steel and many flowers")
    usual = [article(number, title=f"Governor opens bridge over Ural {number}") for number in (1, 2)]
    assert order(odd, *usual) == [2, 1, 9]


def shown(*articles: ShownArticle) -> tuple[int, list[int], bool, ArticleKind]:
    story = build_shown_story(7, 1, NOON, hidden=False, contents=StoryContents(articles, ("KZ",)))
    return (
        story.lead.article_id,
        [each.article_id for each in story.also_in],
        story.is_multilingual,
        story.kind,
    )


def test_each_other_source_is_there_once_with_its_best_article() -> None:
    listed = ((11, 5, 1), (12, 4, 1), (13, 4, 1), (14, 3, 1), (15, 3, 9))
    articles = [article(number, source=source, hours=hours) for number, source, hours in listed]
    assert shown(*articles)[:2] == (14, [13, 11])
    assert shown(article(1, source=5), article(2, source=5))[1] == []


def test_a_story_in_two_languages_is_known_as_such() -> None:
    assert not shown(article(1), article(2, language="en-GB"))[2]
    assert shown(article(1), article(2, language="ru"))[2]
    assert not shown(article(1))[2]


def test_each_source_counts_once_for_the_kind_of_a_story() -> None:
    matches = [article(number, source=9, kind=ArticleKind.SPORT) for number in (3, 4, 5)]
    assert shown(article(1), article(2), *matches)[3] == ArticleKind.NEWS
    assert shown(article(1), *[article(n, kind=ArticleKind.SPORT) for n in (3, 4)])[3] == ArticleKind.SPORT
