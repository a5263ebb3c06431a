"""The sources: what is read, how it goes, and adding, stopping and deleting them."""

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Redirect

from digest.admin.auth import back, note
from digest.admin.blueprint import bp
from digest.admin.forms import SourceForm
from digest.admin.template_filters import page_number, pages
from digest.articles import releasing, source_status
from digest.articles.source_status import Standing
from digest.articles.store import articles, held
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.sources import source_list
from digest.sources.pure.feeds.opml import MAX_BYTES
from digest.sources.source_list import Imported
from digest.sources.store import sources as store
from digest.tasks import say

PAGE = 50  # sources of a page
SORTS: dict[str, Callable[[Standing], tuple[bool, float | str]]] = {
    "title": lambda one: (False, (one.source.title or one.source.url).casefold()),
    "most": lambda one: (one.per_day is None, -(one.per_day or 0.0)),
    "quiet": lambda one: (False, one.source.last_new_at.timestamp() if one.source.last_new_at else 0.0),
    "next": lambda one: (one.next_at is None, one.next_at.timestamp() if one.next_at else 0.0),
}


@bp.get("/sources")
def sources() -> str:
    """A page of the sources that fit the filter, those in trouble first unless asked otherwise."""
    p, asked = parts(), request.args
    with p.db.read() as tx:
        everything = source_status.standings(tx, p.reader.clock())
    wanted = {
        "q": asked.get("q", "").strip(),
        "condition": asked.get("condition", ""),
        "sort": asked.get("sort", ""),
    }
    found = source_status.fitting(everything, words=wanted["q"], condition=wanted["condition"])
    if wanted["sort"] in SORTS:
        found.sort(key=SORTS[wanted["sort"]])
    first = (page_number() - 1) * PAGE
    shown = found[first : first + PAGE]
    return render_template(
        "admin/sources.html",
        standings=shown,
        wanted=wanted,
        total=len(found),
        everything=len(everything),
        trouble=sum(one.health.trouble for one in everything),
        pages=pages(len(found), PAGE, shown),
    )


@bp.post("/sources")
def add_source() -> Redirect | str:
    """Add the feed at an address; a page that names several gives a choice."""
    p = parts()
    found = source_list.find(p.reader, request.form.get("url", ""), kind=request.form.get("kind", ""))
    if isinstance(found, tuple):
        return render_template("admin/choose_feed.html", feeds=found, url=request.form["url"])
    source_id = source_list.add(p.db, found, p.reader.clock())
    note("source added", found.url)
    say("sources.poll", source_id, True)
    flash(_("%(title)s is a source now, and is being read.", title=found.title or found.url), "success")
    return redirect(url_for("admin.sources"))


@bp.post("/sources/import")
def import_sources() -> Redirect:
    """Make sources of all feeds of an OPML file."""
    file, p = request.files.get("file"), parts()
    if file is None or not file.filename:
        raise InvalidInputError(_("Choose an OPML file first."))
    done = source_list.import_opml(p.db, file.read(MAX_BYTES + 1), p.reader.clock())
    note("sources imported", f"{file.filename}: {done.added}")
    say("sources.poll_due")
    flash(_told(done), "success")
    return redirect(url_for("admin.sources"))


@bp.get("/sources.opml")
def export_sources() -> Response:
    """All sources as an OPML file."""
    listed = source_list.export_opml(parts().db, parts().settings.site_name)
    response = Response(listed, mimetype="text/x-opml")
    response.headers["Content-Disposition"] = 'attachment; filename="sources.opml"'
    return response


@bp.get("/sources/<int:source_id>")
def source(source_id: int) -> str:
    """One source: how it does, what is held of it, and what may be changed."""
    p = parts()
    with p.db.read() as tx:
        found, kept = store.by_id(tx, source_id), articles.count_of_source(tx, source_id)
        standing = source_status.standing(tx, found, p.reader.clock())
        waiting, dropped = held.waiting(tx, source_id), held.count_dropped(tx, source_id)
    form = SourceForm(obj=found).offer_countries()
    return render_template(
        "admin/source.html", standing=standing, form=form, kept=kept, waiting=waiting, dropped=dropped
    )


@bp.post("/sources/<int:source_id>/held/<any(release, drop, back):step>")
def decide_held(source_id: int, step: str) -> Redirect:
    """Let a source's held articles into the digests, keep them out, or have those kept out wait again."""
    p = parts()
    if step == "release":
        count = releasing.release(p.db, source_id, p.reader.clock())
        told = ngettext("%(num)s article is released.", "%(num)s articles are released.", count)
    elif step == "drop":
        count = releasing.drop(p.db, source_id)
        told = ngettext("%(num)s article is in no digest.", "%(num)s articles are in no digest.", count)
    else:
        count = releasing.take_back(p.db, source_id)
        told = ngettext("%(num)s article is held again.", "%(num)s articles are held again.", count)
    note(f"held articles: {step}", f"source {source_id}: {count}")
    flash(told, "success")
    return redirect(url_for("admin.source", source_id=source_id))


@bp.post("/sources/<int:source_id>")
def change_source(source_id: int) -> Redirect:
    """Save what an editor says of a source."""
    form = SourceForm().offer_countries()
    if not form.validate_on_submit():
        raise InvalidInputError(" ".join(str(word) for words in form.errors.values() for word in words))
    with parts().db.begin() as tx:
        store.describe(
            tx,
            source_id,
            title=(form.title.data or "").strip(),
            home=form.home.data,
            attribution=(form.attribution.data or "").strip(),
            excerpt_length=form.excerpt_length.data,
            weight=form.weight.data,
        )
    note("source changed", f"{source_id}: {form.title.data} {form.home.data}")
    flash(_("Saved. The home country counts for what is read from now on."), "success")
    return redirect(url_for("admin.source", source_id=source_id))


@bp.post("/sources/<int:source_id>/poll")
def poll_source(source_id: int) -> Redirect:
    """Look at a source now."""
    p = parts()
    with p.db.read() as tx:
        standing = source_status.standing(tx, store.by_id(tx, source_id), p.reader.clock())
    if standing.health.condition == "waiting":
        raise InvalidInputError(_("Not now: %(reason)s.", reason=standing.health.words))
    note("source polled", standing.source.url)
    say("sources.poll", source_id, True)
    title = standing.source.title or standing.source.url
    flash(_("%(title)s is being read. Reload in a few seconds.", title=title), "success")
    return back("admin.sources")


@bp.post("/sources/<int:source_id>/<any(stop, start):step>")
def set_source_state(source_id: int, step: str) -> Redirect:
    """Stop looking at a source, or start again."""
    p = parts()
    with p.db.begin() as tx:
        store.set_state(tx, source_id, "active" if step == "start" else "stopped", p.reader.clock())
        found = store.by_id(tx, source_id)
    note("source started" if step == "start" else "source stopped", found.url)
    if step == "start":
        say("sources.poll", source_id, True)
    return back("admin.sources")


@bp.get("/sources/<int:source_id>/delete")
def confirm_delete_source(source_id: int) -> str:
    """Say what goes with a source before it goes."""
    with parts().db.read() as tx:
        found, kept = store.by_id(tx, source_id), articles.count_of_source(tx, source_id)
    return render_template("admin/delete_source.html", source=found, kept=kept)


@bp.post("/sources/<int:source_id>/delete")
def delete_source(source_id: int) -> Redirect:
    """Delete a source and its articles."""
    with parts().db.begin() as tx:
        found = store.by_id(tx, source_id)
        store.remove(tx, source_id)
    note("source deleted", found.url)
    flash(_("%(title)s and its articles are deleted.", title=found.title or found.url), "success")
    return redirect(url_for("admin.sources"))


def _told(done: Imported) -> str:
    """What became of an imported list."""
    told = [ngettext("%(num)s source was added.", "%(num)s sources were added.", done.added)]
    if done.known:
        told.append(_("%(known)s were here already.", known=done.known))
    if done.left_out:
        told.append(
            ngettext(
                "%(num)s was left out: its address is not http or https, holds a password, or can't be read.",
                "%(num)s were left out: their addresses are not http or https, hold a password, or can't be read.",
                done.left_out,
            )
        )
    return " ".join(told)
