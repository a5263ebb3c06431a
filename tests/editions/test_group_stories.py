"""Stories about groups of countries, and about no country: whom they reach."""

from datetime import timedelta

import pytest

from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import ArticleDraft
from digest.articles.states import DateSource
from digest.articles.store import articles, region_news
from digest.articles.store.articles import TaggedArticle
from digest.database import Database
from digest.editions.pure.selection import StoryIndex, select_stories
from digest.editions.store.candidates import load_candidates
from digest.regions.pure.group_tags import GroupTag
from digest.regions.pure.tagger import Tag
from digest.regions.tree import region_tree
from digest.sources.store import sources
from tests.conftest import NOON

TREE = region_tree.load()
START = NOON - timedelta(hours=24)
INQUIRY = "European Commission opens inquiry into ferries and harbours"


class Newsroom:
    """Takes in reports of several sources."""

    def __init__(self, db: Database) -> None:
        self.db, self.count = db, 0

    def report(
        self,
        title: str,
        source: str,
        *,
        groups: tuple[str, ...] = (),
        countries: tuple[str, ...] = (),
        age: int = 2,
    ) -> int:
        """Add a report that was seen `age` hours ago; returns the id of its article."""
        self.count += 1
        seen_at = NOON - timedelta(hours=age)
        draft = ArticleDraft(
            guid=f"guid-{self.count}",
            url=f"https://{source}.example/{self.count}",
            title=title,
            excerpt="More is not known.",
            text=f"{title}. More is not known.",
            author="",
            published_at=seen_at,
            date_source=DateSource.PUBLISHED,
            tags=tuple(Tag(code, 1.0, ()) for code in countries),
            content_hash=str(self.count),
            groups=tuple(GroupTag(slug, 1.0, ()) for slug in groups),
        )
        with self.db.begin() as tx:
            url = f"https://{source}.example/feed"
            row = sources.find_by_url(tx, url) or sources.add(tx, url, source, NOON)
            article_upsert.upsert_articles(tx, row.id, [draft], seen_at=seen_at, language="en")
        return self.count

    def tag(self, article_id: int, groups: tuple[str, ...]) -> None:
        """Replace the groups of an article, an hour ago."""
        with self.db.begin() as tx:
            tagged = TaggedArticle(
                articles.by_id(tx, article_id), (), [GroupTag(slug, 1.0, ()) for slug in groups]
            )
            articles.set_tags(tx, [tagged], NOON - timedelta(hours=1))

    def stories(self, region: str, *, hours: int = 24) -> int:
        """How many stories of the last hours a reader of a region gets."""
        start = NOON - timedelta(hours=hours)
        with self.db.read() as tx:
            candidates = load_candidates(tx, START, NOON, timedelta(days=1)).candidates
        index = StoryIndex(candidates, TREE.countries_and_groups)
        selection = select_stories(index, [region], start=start, max_in_mail=40)
        return sum(len(section.stories) for section in selection.mail)


@pytest.fixture
def newsroom(db: Database) -> Newsroom:
    return Newsroom(db)


def test_a_story_about_a_group_reaches_the_regions_that_most_of_its_countries_lie_in(
    newsroom: Newsroom,
) -> None:
    newsroom.report(INQUIRY, "one", groups=("eu",))
    reached = {slug: newsroom.stories(slug) for slug in ("eu", "europe", "world", "de", "asia", "benelux")}
    assert reached == {"eu": 1, "europe": 1, "world": 1, "de": 0, "asia": 0, "benelux": 0}


def test_a_story_about_a_country_and_a_group_is_shown_once(newsroom: Newsroom) -> None:
    newsroom.report("EU and Myanmar sign a treaty on ferries", "one", groups=("eu",), countries=("MM",))
    reached = {slug: newsroom.stories(slug) for slug in ("europe", "mm", "asia", "world", "africa")}
    assert reached == {"europe": 1, "mm": 1, "asia": 1, "world": 1, "africa": 0}


def test_a_group_that_one_of_three_reports_names_places_nothing(newsroom: Newsroom) -> None:
    newsroom.report(INQUIRY, "one", groups=("eu",))
    newsroom.report(INQUIRY, "two", groups=("eu",))
    newsroom.report(INQUIRY, "three", groups=("eu", "asean"))
    assert (newsroom.stories("europe"), newsroom.stories("asia")) == (1, 0)


def test_a_story_about_no_country_reaches_the_world_when_a_second_source_reports_it(
    newsroom: Newsroom,
) -> None:
    newsroom.report("A comet is visible to the naked eye this week", "one", age=20)
    assert newsroom.stories("world") == 0
    newsroom.report("A comet is visible to the naked eye this week", "one", age=19)
    assert newsroom.stories("world") == 0
    newsroom.report("A comet is visible to the naked eye this week", "two", age=3)
    assert (newsroom.stories("world"), newsroom.stories("europe")) == (1, 0)
    assert newsroom.stories("world", hours=4) == 1  # news since the second source, not since the first
    assert newsroom.stories("world", hours=2) == 0


def test_a_group_that_an_article_gets_later_is_news_from_then_on(newsroom: Newsroom) -> None:
    article_id = newsroom.report(INQUIRY, "one", age=20)
    newsroom.tag(article_id, ("eu",))
    assert newsroom.stories("europe", hours=2) == 1
    newsroom.tag(article_id, ())
    assert newsroom.stories("europe") == 0


def test_the_newest_stories_of_a_region_include_those_about_its_groups(
    db: Database, newsroom: Newsroom
) -> None:
    newsroom.report(INQUIRY, "one", groups=("eu",))
    with db.read() as tx:
        assert region_news.newest_about(tx, ["KZ"], since=START, limit=9) == []
        assert len(region_news.newest_about(tx, ["KZ"], groups=["eu"], since=START, limit=9)) == 1
