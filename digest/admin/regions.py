"""The named groups of countries: the bundled ones, and those that editors have changed or added."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from digest.accounts.audit import Change, differences
from digest.admin import form_choices, region_merging
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import SaveConflictError
from digest.admin.pure.three_way import MergedFields
from digest.admin.undo import flash_with_undo
from digest.errors import ConflictError
from digest.i18n.collation import sort_key
from digest.parts import parts
from digest.regions import custom_groups
from digest.regions.custom_groups import ChangeAuthor
from digest.regions.store import groups as store
from digest.regions.tree.groups import CountryGroup, InvalidGroupError, bundled_groups
from digest.subscribers.store import subscribers

FormResponse = str | Response | tuple[str, int]


@bp.get("/regions")
def regions() -> str:
    """All groups, and if there is a search text, the regions that subscribers would find with it."""
    p, query = parts(), request.args.get("q", "").strip()
    with p.db.read() as tx:
        subscriber_counts = subscribers.count_by_region(tx)
        changed_rows = {row.slug: row for row in store.group_rows(tx)}
    language = form_choices.page_language()
    groups = sorted(p.tree.groups(), key=lambda group: sort_key(p.tree.name(group.slug, language), language))
    return render_template(
        "admin/regions.html",
        groups=[group for group in groups if not group.retired],
        retired=[group for group in groups if group.retired],
        bundled=bundled_groups(),
        changed_rows=changed_rows,
        subscriber_counts=subscriber_counts,
        query=query,
        found=p.tree.search(query, language) if query else (),
    )


@bp.get("/regions/new")
def new_region() -> str:
    """The form for a new group."""
    return _render_form(MultiDict({"parent": "world"}), (), group=None)


@bp.post("/regions/new")
def add_region() -> FormResponse:
    """Add a group. The "Search" button only narrows the list of countries."""
    p, slug = parts(), request.form.get("slug", "").strip().lower()
    if "find" in request.form:
        return _render_form(request.form, _chosen_slugs(), group=None)
    try:
        custom_groups.add(p.db, p.tree, _parse_group(slug), _change_author())
    except InvalidGroupError as error:
        return _render_form(request.form, _chosen_slugs(), group=None, errors=error.errors), 422
    record_action("group added", slug, Change(f"/admin/regions/{slug}", after=_group_values(slug)))
    flash(_("The group is added. Subscribers can choose it now."), "success")
    return redirect(url_for("admin.regions"))


@bp.get("/regions/<slug>")
def region(slug: str) -> str:
    """The form for a group."""
    group = parts().tree.group(slug)
    return _render_form(_form_values(group), [code.lower() for code in sorted(group.countries)], group=group)


@bp.post("/regions/<slug>")
def change_region(slug: str) -> FormResponse:
    """Save a group. The "Search" button only narrows the list of countries."""
    p = parts()
    group = p.tree.group(slug)
    if "find" in request.form:
        return _render_form(request.form, _chosen_slugs(), group=group)
    merges: list[MergedFields] = []

    def decide(stored: CountryGroup) -> CountryGroup:
        to_save, merged = region_merging.merge(stored, typed)
        merges.append(merged)
        return to_save

    try:
        before, typed = _group_values(slug), _parse_group(slug)
        custom_groups.update(p.db, p.tree, slug, decide, _change_author())
    except SaveConflictError as conflict:
        return _render_conflict(p.tree.group(slug), conflict.merge), 409
    except InvalidGroupError as error:
        return _render_form(request.form, _chosen_slugs(), group=group, errors=error.errors), 422
    _record_change("group changed", slug, before)
    flash(_("Saved. The change applies from the next digests."), "success")
    return redirect(url_for("admin.region", slug=slug))


@bp.get("/regions/<slug>/retire")
def confirm_retire_region(slug: str) -> str:
    """Show how many subscribers have chosen a group before it is retired."""
    group = parts().tree.group(slug)
    with parts().db.read() as tx:
        count = subscribers.count_by_region(tx)[slug]
    return render_template("admin/retire_region.html", group=group, subscriber_count=count)


@bp.post("/regions/<slug>/<any(retire, restore):step>")
def set_region_retired(slug: str, step: str) -> Response:
    """Retire a group, so that nobody else can choose it, or restore it."""
    p = parts()
    custom_groups.set_retired(p.db, p.tree, slug, _change_author(), retired=step == "retire")
    if step == "retire":
        record_action("group retired", slug, Change(f"/admin/regions/{slug}"))
        message = _("The group is retired. Subscribers who have it keep it.")
        flash_with_undo(message, "admin.set_region_retired", slug=slug, step="restore")
    else:
        record_action("group restored", slug, Change(f"/admin/regions/{slug}"))
        flash(_("The group is restored."), "success")
    return redirect(url_for("admin.regions"))


@bp.post("/regions/<slug>/<any(undo, reset):step>")
def take_back_region(slug: str, step: str) -> Response:
    """Undo the last change of a group, or all changes of a bundled one."""
    p = parts()
    if step == "undo":
        before = _group_values(slug)
        _require_last_change(slug)
        custom_groups.undo(p.db, p.tree, slug, _change_author())
        _record_change("group change undone", slug, before)
        flash(_("The last change is undone."), "success")
    else:
        before = _group_values(slug)
        custom_groups.reset_to_bundled(p.db, p.tree, slug)
        _record_change("group reset", slug, before)
        flash(_("The group is reset to its default."), "success")
    return redirect(url_for("admin.region", slug=slug))


def _require_last_change(slug: str) -> None:
    """Raise ConflictError if the last change of a group is not the one that the page with the button has shown."""
    shown = request.args.get("change", "")
    with parts().db.read() as tx:
        row = store.group_row(tx, slug)
    if row and shown and shown != row.changed_at.isoformat():
        raise ConflictError(
            _(
                "%(who)s has changed the group since you opened the page. Look at it first.",
                who=row.changed_by,
            )
        )


def _change_author() -> ChangeAuthor:
    return ChangeAuthor(current_user.email, parts().clock())


def _chosen_slugs() -> list[str]:
    """The slugs of the regions ticked in the form, each once. Raises NotFoundError for an unknown one."""
    tree = parts().tree
    return [tree.get(slug).slug for slug in dict.fromkeys(request.form.getlist("regions"))]


def _parse_group(slug: str) -> CountryGroup:
    """The group in the form. A ticked region adds the countries that it has now."""
    form = request.form
    names = {"en": form.get("name", "").strip()}
    for line in form.get("names", "").splitlines():
        language, _colon, name = line.partition(":")
        if line.strip():
            names[language.strip()] = name.strip()
    return CountryGroup(
        slug=slug,
        parent=form.get("parent", ""),
        countries=parts().tree.countries_of(_chosen_slugs()),
        names=MappingProxyType(names),
        aliases=tuple(filter(None, (alias.strip() for alias in form.get("aliases", "").split(",")))),
        source=" ".join(form.get("source", "").split()),
    )


def _form_values(group: CountryGroup) -> "MultiDict[str, str]":
    return MultiDict(region_merging.form_values(group))


def _render_conflict(group: CountryGroup, merged: MergedFields) -> str:
    """The form with what was typed, and with what only somebody else has changed."""
    values = MultiDict(request.form)
    for name in merged.theirs:
        values[name] = merged.values[name]
    is_theirs = "countries" in merged.theirs
    chosen = [code.lower() for code in merged.values["countries"]] if is_theirs else _chosen_slugs()
    return _render_form(values, chosen, group=group)


def _render_form(
    values: "MultiDict[str, str]",
    chosen: Sequence[str],
    *,
    group: CountryGroup | None,
    errors: Mapping[str, str] | None = None,
) -> str:
    p = parts()
    with p.db.read() as tx:
        row = store.group_row(tx, group.slug) if group else None
        count = subscribers.count_by_region(tx)[group.slug] if group else 0
    return render_template(
        "admin/region.html",
        values=values,
        errors=errors or {},
        group=group,
        is_bundled=group is not None and group.slug in bundled_groups(),
        row=row,
        shown=region_merging.values_of(group) if group else {},
        subscriber_count=count,
        parents=custom_groups.allowed_parents(p.tree),
        regions=form_choices.region_choice(chosen, request.form.get("query", "").strip()),
    )


def _group_values(slug: str) -> dict[str, object]:
    """A group as the audit trail has it."""
    return _form_values(parts().tree.group(slug)).to_dict() | {
        "countries": sorted(parts().tree.group(slug).countries)
    }


def _record_change(action: str, slug: str, before: dict[str, object]) -> None:
    changed = differences(before, _group_values(slug))
    record_action(action, slug, Change(f"/admin/regions/{slug}", changed.before, changed.after))
