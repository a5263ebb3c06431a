"""The articles: the evidence for their countries, correcting the countries, and hiding stories."""

import json
from collections.abc import Callable, Iterator
from functools import partial

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.accounts.audit import Change
from digest.admin import edit_conflicts
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import SHOWN, EditedThing
from digest.admin.form_choices import country_choices, kind_choices
from digest.admin.places import parse_places, place_name
from digest.admin.pure.three_way import write_shown
from digest.admin.redirects import redirect_back
from digest.admin.undo import flash_with_undo
from digest.articles import moderation
from digest.articles.kind_assignment import classify_article, parse_kind
from digest.articles.models import Article
from digest.articles.states import ArticleKind
from digest.articles.store import articles as store
from digest.database import Tx
from digest.parts import parts
from digest.regions.pure.exclusions import LONGEST_WORDS
from digest.regions.pure.highlighting import highlight
from digest.regions.store import exclusions as exclusion_store
from digest.sources.store import sources


@bp.get("/articles/<int:article_id>")
def article(article_id: int) -> str:
    """One article with the evidence for its countries, and the form to correct them."""
    p = parts()
    with p.db.read() as tx:
        row = store.by_id(tx, article_id)
        source = sources.by_id(tx, row.source_id)
        known = p.ingest.exclusions.refresh(tx).of_source(source.id)
        about = p.ingest.tagger.excluding(known).tag_regions(row.title, row.text, home=source.home or None)
        excluded = exclusion_store.by_ids(tx, about.exclusions)
    tags = about.countries
    country_by_words = {item.words: tag.country for tag in reversed(tags) for item in tag.evidence}
    marked = {name: highlight(getattr(row, name), country_by_words) for name in ("title", "excerpt", "text")}
    return render_template(
        "admin/article.html",
        article=row,
        source=source,
        countries=country_choices(),
        suggested_tags=tags,
        suggested_groups=about.groups,
        excluded=excluded,
        longest=LONGEST_WORDS,
        marked=marked,
        kinds=kind_choices(),
        suggested_kind=classify_article(row),
        about=_places(row),
    )


@bp.get("/articles/corrections.jsonl")
def corrections_file() -> Response:
    """The articles with countries corrected by editors, as a JSON Lines file."""
    return _json_lines_file("corrections.jsonl", moderation.export_corrections)


@bp.post("/articles/<int:article_id>/<any(hide, unhide):step>")
def set_hidden(article_id: int, step: str) -> Response:
    """Hide the story of an article from digests, or unhide it."""
    db, now = parts().db, parts().clock()
    if step == "hide":
        moderation.hide(db, article_id, now)
        message = _("The story is hidden. Mails that are not sent yet leave it out.")
        flash_with_undo(message, "admin.set_hidden", article_id=article_id, step="unhide")
    else:
        moderation.unhide(db, article_id, now)
        flash(_("The story is not hidden any more."), "success")
    record_action("story hidden" if step == "hide" else "story unhidden", f"article {article_id}")
    return redirect_back("admin.articles")


@bp.post("/articles/<int:article_id>/tags")
def retag(article_id: int) -> Response:
    """Set the countries and groups of an article. Automatic tagging no longer changes them."""
    p = parts()
    more = parse_places(request.form.get("more", ""))
    countries = [*request.form.getlist("countries"), *(r.slug.upper() for r in more if r.kind == "country")]
    groups = [*request.form.getlist("groups"), *(r.slug for r in more if r.kind != "country")]
    with p.db.read() as tx:
        row = store.by_id(tx, article_id)
        before, was_chosen = _places(row), row.retagged
        undo = [("countries", tag.country) for tag in row.tags] + [
            ("groups", tag.region) for tag in row.groups
        ]
    check = partial(_require_places, chosen=sorted({*countries, *groups}))
    codes = moderation.retag(p.db, p.tree, article_id, countries, groups=groups, now=p.clock(), check=check)
    change = Change(before={"about": before}, after={"about": codes})
    record_action("article retagged", f"article {article_id}: {' '.join(codes) or 'none'}", change)
    endpoint, fields = ("admin.retag", undo) if was_chosen else ("admin.tag_again", [])
    fields = [*fields, (SHOWN, write_shown({"about": sorted(codes)}))]
    flash_with_undo(
        _("Saved. The countries stay when the article changes."), endpoint, fields, article_id=article_id
    )
    return redirect(url_for("admin.article", article_id=article_id))


@bp.post("/articles/<int:article_id>/tags/automatic")
def tag_again(article_id: int) -> Response:
    """Restore the automatic tags of an article."""
    p = parts()
    moderation.reset_tags(p.db, p.ingest.tagger, article_id, p.clock(), partial(_require_places, chosen=None))
    record_action("automatic tags restored", f"article {article_id}")
    flash(_("The countries are automatic again."), "success")
    return redirect(url_for("admin.article", article_id=article_id))


@bp.get("/articles/kind-corrections.jsonl")
def kind_corrections_file() -> Response:
    """The articles whose kinds editors corrected, as a JSON Lines file."""
    return _json_lines_file("kind-corrections.jsonl", moderation.export_kind_corrections)


@bp.post("/articles/<int:article_id>/kind")
def choose_kind(article_id: int) -> Response:
    """Set the kind of an article. The rules no longer change it."""
    kind = parse_kind(request.form.get("kind", ""))
    with parts().db.read() as tx:
        row = store.by_id(tx, article_id)
        before, was_chosen = row.kind, row.kind_chosen
    moderation.choose_kind(parts().db, article_id, kind, partial(_require_kind, chosen=kind))
    change = Change(before={"kind": before}, after={"kind": kind})
    record_action("kind of article chosen", f"article {article_id}: {kind}", change)
    endpoint = "admin.choose_kind" if was_chosen else "admin.reset_kind"
    message = _("Saved. The kind stays when the article changes.")
    fields = [("kind", before.value)] if was_chosen else []
    fields.append((SHOWN, write_shown({"kind": kind})))
    flash_with_undo(message, endpoint, fields, article_id=article_id)
    return redirect(url_for("admin.article", article_id=article_id))


@bp.post("/articles/<int:article_id>/kind/automatic")
def reset_kind(article_id: int) -> Response:
    """Let the rules decide the kind of an article again."""
    kind = moderation.reset_kind(parts().db, article_id, partial(_require_kind, chosen=None))
    record_action("automatic kind restored", f"article {article_id}: {kind}")
    flash(_("The kind is automatic again."), "success")
    return redirect(url_for("admin.article", article_id=article_id))


def _require_places(tx: Tx, row: Article, *, chosen: list[str] | None) -> None:
    """Raise SaveConflictError if the countries are not as the form showed them; None: the tagger is to choose."""
    labels = {"about": _("Countries")}

    def describe(_field: str, codes: list[str]) -> str:
        return ", ".join(map(place_name, codes))

    thing = EditedThing("retag", f"/admin/articles/{row.id}", labels, describe)
    edit_conflicts.require_unchanged(tx, thing, "about", _places(row), chosen)


def _require_kind(tx: Tx, row: Article, *, chosen: ArticleKind | None) -> None:
    """Raise SaveConflictError if the kind is not as the form showed it; None: the rules are to choose."""
    labels, names = {"kind": _("Kind of article")}, kind_choices()
    thing = EditedThing("kind", f"/admin/articles/{row.id}", labels, lambda _field, kind: str(names[kind]))
    edit_conflicts.require_unchanged(tx, thing, "kind", row.kind, chosen)


def _json_lines_file(name: str, export: Callable[[Tx], Iterator[object]]) -> Response:
    db = parts().db

    def lines() -> Iterator[str]:
        with db.read() as tx:
            for case in export(tx):
                yield json.dumps(case, ensure_ascii=False) + "\n"

    response = FlaskResponse(lines(), mimetype="application/jsonl")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _places(article: Article) -> list[str]:
    """The countries and groups that an article is about, as the audit trail shows them."""
    return sorted([tag.country for tag in article.tags] + [tag.region for tag in article.groups])
