"""A story: the articles that report it, taking one out, and joining it with another."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin import params
from digest.admin.auth import note
from digest.admin.blueprint import bp
from digest.articles import merging
from digest.articles.store import stories as store
from digest.parts import parts
from digest.sources.store import sources

RECENT = timedelta(days=7)  # stories that a digest may still have
OFFERED = 20  # stories to join with; more words find fewer


@bp.get("/stories/<int:story_id>")
def story(story_id: int) -> str:
    """One story with its articles, and others that it may be joined with."""
    p = parts()
    words = request.args.get("q", "").strip()
    with p.db.read() as tx:
        found = store.story(tx, story_id)
        told = store.articles_of(tx, story_id)
        since = p.reader.clock() - RECENT
        others = store.led_by(tx, words, since, not_story=story_id, limit=OFFERED) if words else []
        listed = sources.some(tx, {article.source_id for article in [*told, *others]})
    return render_template(
        "admin/story.html",
        story=found,
        articles=told,
        others=others,
        words=words,
        sources={source.id: source for source in listed},
    )


@bp.post("/stories/<int:story_id>/merge")
def merge_story(story_id: int) -> Response:
    """Join a story with another one."""
    kept = merging.merge(parts().db, story_id, params.whole(request.form, "other") or 0)
    note("stories joined", f"story {kept}")
    flash(_("They are one story now. To undo it, take articles out again."), "success")
    return redirect(url_for("admin.story", story_id=kept))


@bp.post("/stories/<int:story_id>/split/<int:article_id>")
def split_story(story_id: int, article_id: int) -> Response:
    """Take an article out of a story."""
    new = merging.split(parts().db, article_id)
    note("article taken out of its story", f"article {article_id}, story {story_id}, now {new}")
    flash(_("The article is a story of its own now. To undo it, join the two again."), "success")
    return redirect(url_for("admin.story", story_id=story_id))
