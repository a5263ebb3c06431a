"""The list of articles: search by words, filters and pages."""

from flask import render_template, request, url_for

from digest.admin import params, typed_forms
from digest.admin.blueprint import bp
from digest.admin.dates import DAY, parse_day
from digest.admin.form_choices import country_choices, kind_choices, page_language
from digest.admin.kept_values import kept_value
from digest.admin.template_filters import Pager, region_name
from digest.admin.texts import translated
from digest.articles.kind_assignment import parse_kind
from digest.articles.models import Article
from digest.articles.store import article_search as search
from digest.articles.store.article_search import ArticleFilter
from digest.database import Tx
from digest.errors import InvalidInputError, NotFoundError
from digest.i18n.collation import sort_key
from digest.i18n.locales import language_name
from digest.list_pages import ListPage
from digest.parts import parts
from digest.sources.store import sources

FIELDS = ("q", "country", "source", "kind", "language", "since", "until", "untagged")


@bp.get("/articles")
def articles() -> str:
    """The newest articles that match the filters."""
    args = request.args
    try:
        chosen: ArticleFilter | None = _parse_filter()
    except InvalidInputError as error:
        typed_forms.fail("filter", "since", translated(error))
        chosen = None
    page: ListPage[Article] = ListPage()
    total = 0
    with parts().db.read() as tx:
        if chosen is not None:
            after, before = args.get("after", "")[:40], args.get("before", "")[:40]
            page = search.page(tx, chosen, after=after, before=before)
            is_whole = not page.newer and not page.older
            total = len(page.rows) if is_whole else _count(tx, chosen)
        all_sources = sources.all_sources(tx)
        languages = search.languages(tx)
    filters = {name: args[name] for name in FIELDS if args.get(name)}
    return render_template(
        "admin/articles.html",
        articles=page.rows,
        filters=filters,
        place=chosen.place if chosen else "",
        sources={source.id: source for source in all_sources},
        countries=country_choices(),
        groups=_group_choices(),
        languages=[(code, language_name(code)) for code in languages],
        kinds=kind_choices(),
        total=total,
        max_counted=search.MAX_COUNTED,
        pages=Pager(_url(filters, "before", page.newer), _url(filters, "after", page.older), ""),
    )


def _count(tx: Tx, chosen: ArticleFilter) -> int:
    """How many articles match. That they are too many to be counted holds for the next pages too."""
    return kept_value(
        "matching articles",
        lambda: search.count(tx, chosen),
        of=chosen,
        is_kept=lambda count: count > search.MAX_COUNTED,
    )


def _parse_filter() -> ArticleFilter:
    args = request.args
    until = parse_day(args.get("until", ""))
    return ArticleFilter(
        text=args.get("q", "").strip()[:200],
        place=_parse_place(args.get("country", "")),
        source_id=params.parse_int(args, "source"),
        untagged="untagged" in args,
        kind=parse_kind(args["kind"]) if args.get("kind") else None,
        language=args.get("language", "")[:35],
        seen_since=parse_day(args.get("since", "")),
        seen_before=until + DAY if until else None,
    )


def _parse_place(text: str) -> str:
    """The ISO code of a country, or the slug of a group; "" for none. Raises InvalidInputError."""
    if not text:
        return ""
    try:
        region = parts().tree.get(text.lower())
    except NotFoundError as error:
        raise InvalidInputError(*error.args) from None
    return region.slug.upper() if region.kind == "country" else region.slug


def _group_choices() -> list[tuple[str, str]]:
    """The groups that an article may be about as a whole, by name."""
    groups = [(group.slug, region_name(group.slug)) for group in parts().tree.groups() if not group.retired]
    return sorted(groups, key=lambda group: sort_key(group[1], page_language()))


def _url(filters: dict[str, str], name: str, key: str) -> str:
    """The address of the page with a key; "" without one."""
    arguments: dict[str, str] = {**filters, name: key}
    return url_for("admin.articles", **arguments) if key else ""  # type: ignore[arg-type]  # fields of the form
