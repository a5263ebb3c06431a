"""The named groups of countries: those that come with the program, and what editors make of them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from digest.admin import form_choices
from digest.admin.auth import note
from digest.admin.blueprint import bp
from digest.parts import parts
from digest.regions import custom_groups, store
from digest.regions.custom_groups import Editor
from digest.regions.tree.groups import Group, InvalidGroupError, bundled_groups
from digest.subscribers.store import subscribers

Page = str | Response | tuple[str, int]


@bp.get("/regions")
def regions() -> str:
    """All groups; with a search, whatever regions it finds, as readers would."""
    p, query = parts(), request.args.get("q", "").strip()
    with p.db.read() as tx:
        readers = subscribers.readers_by_region(tx)
        touched = {row.slug: row for row in store.rows(tx)}
    by_name = sorted(
        p.tree.groups(), key=lambda group: p.tree.name(group.slug, form_choices.language()).casefold()
    )
    return render_template(
        "admin/regions.html",
        groups=[group for group in by_name if not group.retired],
        retired=[group for group in by_name if group.retired],
        bundled=bundled_groups(),
        touched=touched,
        readers=readers,
        query=query,
        found=p.tree.search(query, form_choices.language()) if query else (),
    )


@bp.get("/regions/new")
def new_region() -> str:
    """An empty form."""
    return _form(MultiDict({"parent": "world"}), (), group=None)


@bp.post("/regions/new")
def add_region() -> Page:
    """Make a group; with "Find", only narrow the list of countries."""
    p, slug = parts(), request.form.get("slug", "").strip().lower()
    if "find" in request.form:
        return _form(request.form, _ticked(), group=None)
    try:
        custom_groups.add(p.db, p.tree, _read(slug), _editor())
    except InvalidGroupError as error:
        return _form(request.form, _ticked(), group=None, errors=error.errors), 422
    note("group added", slug)
    flash(_("The group is there: readers can choose it from now on."), "success")
    return redirect(url_for("admin.regions"))


@bp.get("/regions/<slug>")
def region(slug: str) -> str:
    """A group to change."""
    group = parts().tree.group(slug)
    return _form(_values(group), [code.lower() for code in sorted(group.countries)], group=group)


@bp.post("/regions/<slug>")
def change_region(slug: str) -> Page:
    """Save a group; with "Find", only narrow the list of countries."""
    p = parts()
    group = p.tree.group(slug)
    if "find" in request.form:
        return _form(request.form, _ticked(), group=group)
    try:
        custom_groups.define(p.db, p.tree, _read(slug), _editor())
    except InvalidGroupError as error:
        return _form(request.form, _ticked(), group=group, errors=error.errors), 422
    note("group changed", slug)
    flash(_("Saved. The next digests of its readers follow it."), "success")
    return redirect(url_for("admin.region", slug=slug))


@bp.get("/regions/<slug>/retire")
def confirm_retire_region(slug: str) -> str:
    """Say who has a group before it goes off the forms."""
    group = parts().tree.group(slug)
    with parts().db.read() as tx:
        readers = subscribers.readers_by_region(tx)[slug]
    return render_template("admin/retire_region.html", group=group, readers=readers)


@bp.post("/regions/<slug>/<any(retire, restore):step>")
def set_region_retired(slug: str, step: str) -> Response:
    """Take a group off the forms, or offer it again."""
    p = parts()
    custom_groups.retire(p.db, p.tree, slug, _editor(), retired=step == "retire")
    if step == "retire":
        note("group retired", slug)
        flash(_("The group is not offered any more. Readers who have it keep it."), "success")
    else:
        note("group offered again", slug)
        flash(_("The group is offered again."), "success")
    return redirect(url_for("admin.regions"))


@bp.post("/regions/<slug>/<any(undo, reset):step>")
def take_back_region(slug: str, step: str) -> Response:
    """Take the last change back, or all of them."""
    p = parts()
    if step == "undo":
        custom_groups.undo(p.db, p.tree, slug, _editor())
        note("group change undone", slug)
        flash(_("The last change is taken back."), "success")
    else:
        custom_groups.set_back(p.db, p.tree, slug)
        note("group set back", slug)
        flash(_("The group is again what came with the program."), "success")
    return redirect(url_for("admin.region", slug=slug))


def _editor() -> Editor:
    return Editor(current_user.email, parts().reader.clock())


def _ticked() -> list[str]:
    """The regions ticked in the form; raises NotFoundError for one that isn't."""
    tree = parts().tree
    return [tree.get(slug).slug for slug in dict.fromkeys(request.form.getlist("regions"))]


def _read(slug: str) -> Group:
    """What the form says. A ticked region stands for its countries, as they are now."""
    form = request.form
    names = {"en": form.get("name", "").strip()}
    for line in form.get("names", "").splitlines():
        language, _colon, name = line.partition(":")
        if line.strip():
            names[language.strip()] = name.strip()
    return Group(
        slug=slug,
        parent=form.get("parent", ""),
        countries=parts().tree.expand(_ticked()),
        names=MappingProxyType(names),
        aliases=tuple(filter(None, (alias.strip() for alias in form.get("aliases", "").split(",")))),
        source=" ".join(form.get("source", "").split()),
    )


def _values(group: Group) -> "MultiDict[str, str]":
    others = (f"{language}: {name}" for language, name in sorted(group.names.items()) if language != "en")
    return MultiDict(
        {
            "slug": group.slug,
            "name": group.names.get("en") or parts().tree.name(group.slug),
            "names": "\n".join(others),
            "aliases": ", ".join(group.aliases),
            "source": group.source,
            "parent": group.parent,
        }
    )


def _form(
    values: "MultiDict[str, str]",
    chosen: Sequence[str],
    *,
    group: Group | None,
    errors: Mapping[str, str] | None = None,
) -> str:
    p = parts()
    with p.db.read() as tx:
        row = store.row(tx, group.slug) if group else None
        readers = subscribers.readers_by_region(tx)[group.slug] if group else 0
    return render_template(
        "admin/region.html",
        values=values,
        errors=errors or {},
        group=group,
        ours=group is not None and group.slug in bundled_groups(),
        row=row,
        readers=readers,
        parents=custom_groups.parents(p.tree),
        regions=form_choices.regions(chosen, request.form.get("query", "").strip()),
    )
