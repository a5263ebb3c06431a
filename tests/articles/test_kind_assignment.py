"""The kinds of stored articles: decided at ingest, following the source, and left alone where an editor chose."""

import pytest

from digest.articles import moderation
from digest.articles.kind_assignment import parse_kind
from digest.articles.models import Article
from digest.articles.states import ArticleKind
from digest.articles.store import articles as store
from digest.database import Database
from digest.errors import InvalidInputError
from tests.articles.article_helpers import TakeIn, entry

OPINION_URL = "https://a.example/opinion/1"


def stored(db: Database, article_id: int = 1) -> Article:
    with db.read() as tx:
        return store.by_id(tx, article_id)


def story_version(db: Database) -> int:
    with db.read() as tx:
        story = store.by_id(tx, 1).story
        assert story is not None
        return story.version


def test_ingest_keeps_kind_reason_and_categories(db: Database, take_in: TakeIn) -> None:
    take_in(entry("A quiet year", link=OPINION_URL, categories=("Comment", "Asia")))
    article = stored(db)
    assert (article.kind, article.kind_reason) == (ArticleKind.OPINION, "address: opinion")
    assert article.categories == ["Comment", "Asia"]


def test_a_later_filing_by_the_source_changes_the_kind_and_the_story(db: Database, take_in: TakeIn) -> None:
    take_in(entry("A quiet year"))
    before = story_version(db)
    take_in(entry("A quiet year", categories=("Sport",)))
    assert stored(db).kind == ArticleKind.SPORT
    assert story_version(db) == before + 1


def test_an_equal_document_changes_nothing(db: Database, take_in: TakeIn) -> None:
    take_in(entry("A quiet year", categories=("Sport",)))
    before = story_version(db)
    assert take_in(entry("A quiet year", categories=("Sport",))) == (0, 0)
    assert story_version(db) == before


def test_what_an_editor_chose_stays_over_polls_and_can_be_undone(db: Database, take_in: TakeIn) -> None:
    take_in(entry("A quiet year", link=OPINION_URL))
    moderation.choose_kind(db, 1, ArticleKind.ANALYSIS)
    take_in(entry("Another title", link=OPINION_URL, categories=("Opinion",)))
    assert (stored(db).kind, stored(db).title) == (ArticleKind.ANALYSIS, "Another title")
    assert moderation.reset_kind(db, 1) == ArticleKind.OPINION
    assert not stored(db).kind_chosen


def test_choosing_a_kind_makes_digests_render_the_story_again(db: Database, take_in: TakeIn) -> None:
    take_in(entry("A quiet year"))
    before = story_version(db)
    moderation.choose_kind(db, 1, ArticleKind.SPONSORED)
    assert story_version(db) == before + 1


def test_the_export_has_what_the_editor_chose_and_what_the_rules_say(db: Database, take_in: TakeIn) -> None:
    take_in(
        entry("A quiet year", link=OPINION_URL), entry("A loud year", guid="2", link="https://a.example/2")
    )
    moderation.choose_kind(db, stored_id(db, "A quiet year"), ArticleKind.NEWS)
    with db.read() as tx:
        (case,) = moderation.export_kind_corrections(tx)
    assert (case["title"], case["kind"], case["rules"]) == (
        "A quiet year",
        ArticleKind.NEWS,
        ArticleKind.OPINION,
    )


def stored_id(db: Database, title: str) -> int:
    return next(number for number in (1, 2) if stored(db, number).title == title)


def test_a_listed_video_whose_page_gave_a_report_stays_news(db: Database, take_in: TakeIn) -> None:
    video = entry("Dam bursts above the town", link="https://a.example/video/1")
    take_in(video)
    assert stored(db).kind == ArticleKind.VIDEO
    with db.begin() as tx:
        article = store.by_id(tx, 1)
        article.text, article.kind = "A long report. " * 200, ArticleKind.NEWS
    take_in(video)
    assert stored(db).kind == ArticleKind.NEWS


def test_an_unknown_kind_is_refused_with_its_name() -> None:
    with pytest.raises(InvalidInputError, match='"sprot" is not a kind of article'):
        parse_kind("sprot")


def test_a_report_leads_before_a_live_blog_with_a_longer_excerpt(db: Database, take_in: TakeIn) -> None:
    title = "Glacier lake bursts above the valley towns tonight"
    take_in(entry(title, link="https://a.example/live/1", summary="Minute by minute. " * 20), source="One")
    take_in(entry(title, link="https://b.example/2", summary="A report."), source="Two")
    with db.read() as tx:
        shown = store.current_stories(tx, [1, 2])
    leads = {story.lead.url for story in shown.values() if story.also_in}
    assert leads == {"https://b.example/2"}
