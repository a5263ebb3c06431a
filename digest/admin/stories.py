"""A story: its articles, removing one of them, and merging it with another story."""

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin import params
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.articles import moderation
from digest.articles.store import stories as store
from digest.opens import store as opens
from digest.opens.states import Subject
from digest.parts import parts
from digest.sources.store import sources

MERGE_WINDOW = timedelta(days=7)  # older stories are in no digest any more
MAX_MERGE_CANDIDATES = 20  # there is no paging, because an editor can add words to the search


@bp.get("/stories/<int:story_id>")
def story(story_id: int) -> str:
    """One story with its articles, and the search for stories to merge it with."""
    p = parts()
    text = request.args.get("q", "").strip()
    with p.db.read() as tx:
        row = store.story_by_id(tx, story_id)
        articles = store.articles_of(tx, story_id)
        since = p.clock() - MERGE_WINDOW
        others = (
            store.search_other_stories(
                tx, text, since, excluded_story_id=story_id, limit=MAX_MERGE_CANDIDATES
            )
            if text
            else []
        )
        opened = opens.by_week(tx, Subject.STORY, "", [str(story_id)]).get(str(story_id), {})
        story_sources = sources.by_ids(tx, {article.source_id for article in [*articles, *others]})
    return render_template(
        "admin/story.html",
        story=row,
        articles=articles,
        others=others,
        text=text,
        opens=[(date.fromisoformat(week), opened[week]) for week in sorted(opened, reverse=True)],
        sources={source.id: source for source in story_sources},
    )


@bp.post("/stories/<int:story_id>/merge")
def merge_story(story_id: int) -> Response:
    """Merge a story with another one."""
    merged_id = moderation.merge(parts().db, story_id, params.parse_int(request.form, "other") or 0)
    record_action("stories merged", f"story {merged_id}")
    flash(_("The stories are merged. To undo it, remove articles from the story."), "success")
    return redirect(url_for("admin.story", story_id=merged_id))


@bp.post("/stories/<int:story_id>/split/<int:article_id>")
def split_story(story_id: int, article_id: int) -> Response:
    """Move an article out of its story into a new story."""
    new_id = moderation.split(parts().db, article_id)
    record_action("article removed from story", f"article {article_id}, story {story_id}, new story {new_id}")
    flash(_("The article is now a separate story. To undo it, merge the two stories."), "success")
    return redirect(url_for("admin.story", story_id=story_id))
