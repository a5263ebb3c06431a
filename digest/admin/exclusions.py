"""Words that never mean a country: excluding them, from an article or in the list of all, and taking that back."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from digest.accounts.audit import Change
from digest.admin import params
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.form_choices import country_choices
from digest.admin.template_filters import country_name, make_pager, page_number
from digest.admin.undo import flash_with_undo
from digest.articles import exclusion_changes as articles
from digest.articles.exclusion_changes import ExclusionChange
from digest.articles.store import articles as article_store
from digest.articles.store import exclusions as uses_store
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.regions.custom_groups import ChangeAuthor
from digest.regions.models import TagExclusion
from digest.regions.pure.exclusions import LONGEST_WORDS, Exclusion
from digest.regions.pure.text_folding import lookup_key
from digest.regions.store import exclusions as store
from digest.sources.store import sources
from digest.task_names import TaskName
from digest.tasks import enqueue

PAGE_SIZE = 50
ONE_SOURCE = "source"  # the value of "scope" that is not all sources


@bp.get("/exclusions")
def exclusions() -> str:
    """All exclusions, or those with some words; the newest first, with how often they applied."""
    p, query = parts(), request.args.get("q", "").strip()[:LONGEST_WORDS]
    with p.db.read() as tx:
        found = [row for row in store.rows(tx) if lookup_key(query) in row.words_key]
        first = (page_number() - 1) * PAGE_SIZE
        rows = found[first : first + PAGE_SIZE]
        uses = uses_store.uses(tx, [row.id for row in rows])
        untagged = {row.id: articles.count_untagged(tx, row, p.clock()) for row in rows}
        all_sources = sources.all_sources(tx)
    return render_template(
        "admin/exclusions.html",
        rows=rows,
        query=query,
        uses=uses,
        untagged=untagged,
        sources={source.id: source for source in all_sources},
        countries=country_choices(),
        longest=LONGEST_WORDS,
        pages=make_pager(len(found), PAGE_SIZE, rows),
    )


@bp.post("/articles/<int:article_id>/exclusions")
def exclude_words(article_id: int) -> Response:
    """Exclude words that an article has, in all sources or in the article's only."""
    with parts().db.read() as tx:
        source_id = article_store.by_id(tx, article_id).source_id
    return _add(source_id if request.form.get("scope") == ONE_SOURCE else None, article_id)


@bp.post("/exclusions")
def add_exclusion() -> Response:
    """Exclude words, whatever article has them. `article` is the article whose page is shown then."""
    return _add(params.parse_int(request.form, "source"), params.parse_int(request.form, "article"))


@bp.post("/exclusions/<int:exclusion_id>/remove")
def remove_exclusion(exclusion_id: int) -> Response:
    """Let words mean a country again."""
    p, article_id = parts(), params.parse_int(request.args, "article")
    change = articles.remove(p.db, p.ingest.tagger, exclusion_id, p.clock(), article_id=article_id)
    row = change.exclusion
    record_action("excluded words removed", row.words, Change("/admin/exclusions", before=_values(row)))
    saved = _('"%(words)s" can mean %(country)s again.', words=row.words, country=country_name(row.country))
    fields = [("words", row.words), ("country", row.country), ("source", str(row.source_id or ""))]
    fields += [("article", str(article_id))] if article_id else []
    flash_with_undo(f"{saved} {_tagged_again(change)}", "admin.add_exclusion", fields)
    return _show(article_id)


def _add(source_id: int | None, article_id: int | None) -> Response:
    p, country = parts(), request.form.get("country", "")
    if country not in dict(country_choices()):
        raise InvalidInputError(_("Choose the country that the words never mean."))
    wanted = Exclusion(0, request.form.get("words", ""), country, source_id)
    author = ChangeAuthor(current_user.email, p.clock())
    change = articles.add(p.db, p.ingest.tagger, wanted, author, article_id=article_id)
    row = change.exclusion
    record_action("words excluded", row.words, Change("/admin/exclusions", after=_values(row)))
    saved = _('"%(words)s" never means %(country)s now.', words=row.words, country=country_name(country))
    shown: dict[str, int] = {"article": article_id} if article_id else {}
    message = f"{saved} {_tagged_again(change)}"
    flash_with_undo(message, "admin.remove_exclusion", [], exclusion_id=row.id, **shown)
    if article_id is not None:
        with parts().db.read() as tx:
            if article_store.by_id(tx, article_id).retagged:
                flash(_("An editor chose the countries of this article, so they stay."), "info")
    return _show(article_id)


def _tagged_again(change: ExclusionChange) -> str:
    """Say how many articles were tagged again, and let a worker look at those that were not looked at yet."""
    message = str(
        ngettext("%(num)s article was tagged again.", "%(num)s articles were tagged again.", change.tagged)
    )
    if not change.untagged:
        return message
    enqueue(TaskName.TAG_WAITING)
    rest = ngettext(
        "%(num)s older article is looked at in the next minutes.",
        "%(num)s older articles are looked at in the next minutes.",
        change.untagged,
    )
    return f"{message} {rest}"


def _show(article_id: int | None) -> Response:
    if article_id is not None:
        return redirect(url_for("admin.article", article_id=article_id))
    return redirect(url_for("admin.exclusions"))


def _values(row: TagExclusion) -> dict[str, object]:
    """An exclusion as the audit trail has it."""
    return {"words": row.words, "country": row.country, "source": row.source_id}
