"""Articles and stories: reading them, and what editors correct by hand."""

from flask import Response

from digest.accounts.audit import Change
from digest.api.v1.answers import Page, answer, page_answer, read_id_cursor, require_match
from digest.api.v1.operations import operation
from digest.api.v1.schemas.news import (
    ArticleOut,
    ArticleQuery,
    Kind,
    Merge,
    StoryArrangement,
    StoryOut,
    StoryQuery,
    Tags,
)
from digest.api.v1.subscriptions import read_regions
from digest.api.v1.trail import record
from digest.articles import moderation
from digest.articles.states import ArticleState
from digest.articles.store import articles as store
from digest.articles.store import pages
from digest.articles.store import stories as story_store
from digest.articles.store.pages import ArticleSelection
from digest.errors import ConflictError
from digest.parts import parts


@operation("GET", "/articles", tag="articles", answer=Page[ArticleOut])
def list_articles(query: ArticleQuery) -> Response:
    """List articles.

    The newest come first.
    """
    state = None if query.state is None else ArticleState[query.state.upper()]
    selection = ArticleSelection(query.q, query.country, query.source, query.story, query.kind, state)
    with parts().db.read() as tx:
        rows = pages.articles_before(tx, selection, before=read_id_cursor(query), limit=query.limit)
        shown = [ArticleOut.of(row) for row in rows]
    return page_answer(shown, query, ArticleOut)


@operation("GET", "/articles/<int:article_id>", tag="articles", answer=ArticleOut)
def get_article(article_id: int) -> Response:
    """Get an article.

    With the evidence for its countries.
    """
    return answer(_article(article_id))


@operation("PUT", "/articles/<int:article_id>/tags", tag="articles", answer=ArticleOut, conditional=True)
def set_tags(article_id: int, json: Tags) -> Response:
    """Set the countries and groups of an article.

    They stay when the article changes.
    """
    p, before = parts(), _article(article_id)
    require_match(before)
    groups = read_regions(json.groups, "/groups")
    codes = moderation.retag(p.db, p.tree, article_id, json.countries, groups=groups, now=p.clock())
    places = sorted([tag.country for tag in before.tags] + [tag.region for tag in before.groups])
    change = Change(before={"about": places}, after={"about": codes})
    record("article retagged", f"article {article_id}", link=_link(article_id), change=change)
    return answer(_article(article_id))


@operation("DELETE", "/articles/<int:article_id>/tags", tag="articles", answer=ArticleOut)
def reset_tags(article_id: int) -> Response:
    """Let the tagger decide the countries again."""
    p = parts()
    moderation.reset_tags(p.db, p.ingest.tagger, article_id, p.clock())
    record("automatic tags restored", f"article {article_id}", link=_link(article_id))
    return answer(_article(article_id))


@operation("PUT", "/articles/<int:article_id>/kind", tag="articles", answer=ArticleOut, conditional=True)
def set_kind(article_id: int, json: Kind) -> Response:
    """Set the kind of an article.

    It stays when the article changes.
    """
    before = _article(article_id)
    require_match(before)
    moderation.choose_kind(parts().db, article_id, json.kind)
    change = Change(before={"kind": before.kind}, after={"kind": json.kind})
    record("kind of article chosen", f"article {article_id}", link=_link(article_id), change=change)
    return answer(_article(article_id))


@operation("DELETE", "/articles/<int:article_id>/kind", tag="articles", answer=ArticleOut)
def reset_kind(article_id: int) -> Response:
    """Let the rules decide the kind again."""
    moderation.reset_kind(parts().db, article_id)
    record("automatic kind restored", f"article {article_id}", link=_link(article_id))
    return answer(_article(article_id))


@operation("POST", "/articles/<int:article_id>/split", tag="stories", answer=StoryOut, problems=(409,))
def split_story(article_id: int) -> Response:
    """Move an article into a story of its own.

    Answers with the new story.
    """
    new_id = moderation.split(parts().db, article_id)
    record(
        "article removed from story", f"article {article_id}, new story {new_id}", link=_story_link(new_id)
    )
    return answer(_story(new_id))


@operation("GET", "/stories", tag="stories", answer=Page[StoryOut])
def list_stories(query: StoryQuery) -> Response:
    """List stories.

    The newest come first.
    """
    with parts().db.read() as tx:
        rows = pages.stories_before(tx, hidden=query.hidden, before=read_id_cursor(query), limit=query.limit)
        shown = store.current_stories(tx, [row.id for row in rows])
    return page_answer([StoryOut.of(row, shown.get(row.id)) for row in rows], query, StoryOut)


@operation("GET", "/stories/<int:story_id>", tag="stories", answer=StoryOut)
def get_story(story_id: int) -> Response:
    """Get a story.

    `GET /articles?story=` has all its articles.
    """
    return answer(_story(story_id))


@operation(
    "PATCH", "/stories/<int:story_id>", tag="stories", answer=StoryOut, problems=(409,), conditional=True
)
def change_story(story_id: int, json: StoryArrangement) -> Response:
    """Pin, move or hide a story.

    This applies to every digest that is not sent yet.
    """
    p, now, before = parts(), parts().clock(), _story(story_id)
    require_match(before)
    if json.hidden is not None:
        if not before.article_ids:
            raise ConflictError(f"Story {story_id} has no article any more, so it is in no digest.")
        change_hidden = moderation.hide if json.hidden else moderation.unhide
        change_hidden(p.db, before.article_ids[0], now)
        record(
            f"story {'hidden' if json.hidden else 'unhidden'}",
            f"story {story_id}",
            link=_story_link(story_id),
        )
    if json.pin is not None:
        moderation.change_pin(p.db, story_id, json.pin, now)
        action = "story unpinned" if json.pin == "unpin" else "story pinned"
        record(action, f"story {story_id}: {json.pin}", link=_story_link(story_id))
    return answer(_story(story_id))


@operation(
    "POST", "/stories/<int:story_id>/merge", tag="stories", answer=StoryOut, problems=(409,), conditional=True
)
def merge_story(story_id: int, json: Merge) -> Response:
    """Join two stories.

    Answers with the one that remains.
    """
    require_match(_story(story_id))
    merged_id = moderation.merge(parts().db, story_id, json.story)
    record("stories merged", f"story {merged_id}", link=_story_link(merged_id))
    return answer(_story(merged_id))


def _article(article_id: int) -> ArticleOut:
    with parts().db.read() as tx:
        return ArticleOut.of(store.by_id(tx, article_id))


def _story(story_id: int) -> StoryOut:
    with parts().db.read() as tx:
        row = story_store.story_by_id(tx, story_id)
        return StoryOut.of(row, store.current_stories(tx, [story_id]).get(story_id))


def _link(article_id: int) -> str:
    return f"/admin/articles/{article_id}"


def _story_link(story_id: int) -> str:
    return f"/admin/stories/{story_id}"
