"""The lists of an invented day, from articles to places: no source over its share, no light news, no event twice."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from digest.articles.states import HARD_NEWS
from digest.editions.pure.article_ranking import RankedArticles, rank_articles
from digest.editions.pure.article_stories import RankingRequest, RawArticle
from digest.editions.pure.selection import MAX_SOURCE_SHARE
from digest.regions import gazetteer
from digest.regions.tree import region_tree

AT = datetime(2026, 3, 10, 18, tzinfo=UTC)
LIST_LENGTH = 15
REGIONS = ("world", "central-asia", "eastern-europe", "southern-asia")
COUNTRIES = (
    "Kazakhstan",
    "Uzbekistan",
    "Kyrgyzstan",
    "Poland",
    "Ukraine",
    "Romania",
    "India",
    "Nepal",
    "Pakistan",
)
# An event has one of each, so that two events have at most one of these words in common.
WHO = [
    "parliament",
    "police",
    "court",
    "president",
    "miners",
    "protesters",
    "doctors",
    "customs",
    "teachers",
    "soldiers",
    "judges",
    "sailors",
]
DOES = [
    "rejects",
    "blocks",
    "jails",
    "dismisses",
    "halts",
    "opens",
    "seizes",
    "condemns",
    "evacuates",
    "reveals",
    "suspends",
    "reopens",
]
WHAT = [
    "budget",
    "railway",
    "mayor",
    "minister",
    "refinery",
    "border",
    "cargo",
    "verdict",
    "hospital",
    "archive",
    "licence",
    "bridge",
]
LIGHT = (
    ("beats rivals 3-1 in cup semi-final", "sport"), ("star wears vintage gown on red carpet", "entertainment"),
    ("ten best dumplings to cook this weekend", "food"),
)  # fmt: skip
EVENTS = 90
OUTLETS = ("Harbour Wire", "The Steppe Post", "Mountain News", "Lantern Daily", "Delta Courier")
FLOODING, FILMS = "Everything Today", "Reel Weekly"


def invented_day() -> Iterator[RawArticle]:
    """Every event in two to four outlets, light news in all of them, and an outlet that lists 200 pieces."""
    keys = count(1)

    def article(source: str, title: str, hours: float, *categories: str) -> RawArticle:
        moment = AT - timedelta(hours=hours)
        return RawArticle(next(keys), source, title, "", moment, moment, language="en", categories=categories)

    for number in range(EVENTS):
        who, does, what = WHO[number % 12], DOES[number * 5 // 3 % 12], WHAT[(number + number // 12) % 12]
        title = f"{COUNTRIES[number % 9]}: {who} {does} {what} of Town{number * 37}"
        for step in range(2 + number % 3):
            yield article(OUTLETS[(number + step) % 5], title, 1 + number % 20)
    for number, country in enumerate(COUNTRIES):
        for what, category in LIGHT:
            for outlet in (*OUTLETS, FILMS):
                yield article(outlet, f"{country} {what}", 2 + number % 5, category)
        yield article(FILMS, f"{country} studio sues streaming rival over film {number}", 1)
    for number in range(200):
        country = COUNTRIES[number % len(COUNTRIES)]
        yield article(
            FLOODING, f"{country}: office {number} of district {number * 7} moves to house {number * 13}", 1
        )


@pytest.fixture(scope="module")
def day() -> tuple[dict[int, RawArticle], dict[str, Sequence[RankedArticles]]]:
    articles = list(invented_day())
    tree = region_tree.load()
    regions = {slug: tree.countries_and_groups(slug) for slug in REGIONS}
    request = RankingRequest(AT, LIST_LENGTH, HARD_NEWS)
    return {article.key: article for article in articles}, rank_articles(
        articles, regions, request, gazetteer.tagger()
    )


@pytest.mark.parametrize("region", REGIONS)
def test_a_full_list_has_no_source_over_its_share_and_no_light_news(
    day: tuple[dict[int, RawArticle], dict[str, Sequence[RankedArticles]]], region: str
) -> None:
    articles, lists = day
    leads = [articles[story.lead] for story in lists[region]]
    assert len(leads) == LIST_LENGTH
    led = Counter(lead.source for lead in leads)
    assert max(led.values()) <= math.ceil(LIST_LENGTH * MAX_SOURCE_SHARE)
    assert sum(bool(lead.categories) for lead in leads) <= 1
    assert led[FILMS] <= 1
    assert len({lead.title for lead in leads}) == LIST_LENGTH


def test_the_places_explain_themselves(
    day: tuple[dict[int, RawArticle], dict[str, Sequence[RankedArticles]]],
) -> None:
    _, lists = day
    for stories in lists.values():
        for story in stories:
            assert sum(c.points for c in story.why) == pytest.approx(story.points, abs=1e-4)
