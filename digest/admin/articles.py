"""The articles: what came, what it is about and why, and correcting that."""

import json
from collections.abc import Iterator, Sequence

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin import params
from digest.admin.auth import back, note
from digest.admin.blueprint import bp
from digest.admin.form_choices import countries
from digest.admin.template_filters import page_number, pages
from digest.articles import corrections, moderation
from digest.articles.store import articles as store
from digest.articles.store.articles import Filter
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.regions.pure.highlighting import pieces
from digest.sources.store import sources


@bp.get("/articles")
def articles() -> str:
    """The newest articles that fit the filter."""
    wanted = _filter()
    with parts().db.read() as tx:
        found, total = store.latest(tx, wanted, page=page_number())
        listed = sources.listing(tx)
    return render_template(
        "admin/articles.html",
        articles=found,
        wanted=wanted,
        sources={source.id: source for source in listed},
        countries=countries(),
        total=total,
        pages=pages(total, store.PAGE, found),
    )


@bp.get("/articles/<int:article_id>")
def article(article_id: int) -> str:
    """One article with all its evidence, and its countries to choose."""
    p = parts()
    with p.db.read() as tx:
        found = store.by_id(tx, article_id)
        source = sources.by_id(tx, found.source_id)
    said = p.reader.tagger.tag(found.title, found.text, home=source.home or None)
    meaning = {reason.words: tag.country for tag in reversed(said) for reason in tag.evidence}
    return render_template(
        "admin/article.html",
        article=found,
        source=source,
        countries=countries(),
        said=said,
        marked={name: pieces(getattr(found, name), meaning) for name in ("title", "excerpt", "text")},
    )


@bp.get("/articles/corrections.jsonl")
def corrections_file() -> Response:
    """What editors corrected, as a file to download: a line an article."""
    p = parts()

    def lines() -> Iterator[str]:
        with p.db.read() as tx:
            for case in corrections.cases(tx):
                yield json.dumps(case, ensure_ascii=False) + "\n"

    answer = FlaskResponse(lines(), mimetype="application/jsonl")
    answer.headers["Content-Disposition"] = 'attachment; filename="corrections.jsonl"'
    return answer


@bp.post("/articles/<int:article_id>/<any(hide, unhide):step>")
def set_hidden(article_id: int, step: str) -> Response:
    """Take an article's story out of the digests, or let it in again."""
    db, now = parts().db, parts().reader.clock()
    if step == "hide":
        moderation.hide(db, article_id, now)
        flash(_("The story is hidden: no mail that is not out yet will have it."), "success")
    else:
        moderation.unhide(db, article_id, now)
        flash(_("The story is shown again."), "success")
    note("story hidden" if step == "hide" else "story shown", f"article {article_id}")
    return back("admin.articles")


@bp.post("/articles/<int:article_id>/tags")
def retag(article_id: int) -> Response:
    """Say what an article is about; that holds from now on."""
    p = parts()
    chosen = [*request.form.getlist("countries"), *_named(request.form.get("more", ""))]
    codes = moderation.retag(p.db, p.tree, article_id, chosen, now=p.reader.clock())
    note("article retagged", f"article {article_id}: {' '.join(codes) or 'none'}")
    flash(_("Saved. The countries you chose hold, also when the article changes."), "success")
    return redirect(url_for("admin.article", article_id=article_id))


@bp.post("/articles/<int:article_id>/tags/automatic")
def tag_again(article_id: int) -> Response:
    """Give an article back to the tagger."""
    p = parts()
    moderation.tag_again(p.db, p.reader.tagger, article_id, p.reader.clock())
    note("article tagged again", f"article {article_id}")
    flash(_("The countries are found automatically again."), "success")
    return redirect(url_for("admin.article", article_id=article_id))


def _filter() -> Filter:
    asked = request.args
    return Filter(
        text=asked.get("q", "").strip(),
        country=asked.get("country", ""),
        source_id=params.whole(asked, "source"),
        untagged="untagged" in asked,
    )


def _named(text: str) -> Sequence[str]:
    """The codes of countries named in a list with commas, in any language."""
    found = []
    for name in filter(None, (name.strip() for name in text.split(","))):
        region = parts().tree.resolve(name)
        if region.kind != "country":
            raise InvalidInputError(_("%(name)s is not one country; name its countries.", name=name))
        found.append(region.slug.upper())
    return found
