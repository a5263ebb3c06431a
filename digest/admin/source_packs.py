"""The gallery of starter packs: public broadcasters and news agencies by region, to choose and add."""

from collections.abc import Iterable, Sequence

from flask import flash, render_template, request
from flask_babel import gettext as _

from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.template_filters import country_name, region_name
from digest.errors import InvalidInputError
from digest.i18n.locales import language_name
from digest.parts import parts
from digest.sources import pack_adding
from digest.sources.pack_adding import PackOutcome
from digest.sources.pure.feeds.starter_packs import PackSource, starter_packs
from digest.sources.pure.folders import fit_folder
from digest.sources.store import sources as store
from digest.task_names import TaskName
from digest.tasks import enqueue


@bp.get("/sources/packs")
def source_packs() -> str:
    """All packs, by region. A country in the address shows only those of its publishers."""
    return _render([])


@bp.post("/sources/packs")
def add_from_packs() -> str:
    """Test the chosen sources, and add those that can be read. The others stay ticked, with the reason."""
    p, chosen = parts(), set(request.form.getlist("url"))
    known = [source for pack in starter_packs().values() for source in pack if source.url in chosen]
    if not known:
        raise InvalidInputError(_("Tick at least one source."))
    outcomes = pack_adding.add_from_packs(p.db, p.ingest, known, p.clock(), folders=_folders())
    added = [outcome for outcome in outcomes if outcome.source_id is not None]
    if added:
        record_action("sources added", ", ".join(outcome.source.url for outcome in added)[:500])
        for outcome in added:
            enqueue(TaskName.POLL_SOURCE, outcome.source_id, True)
        names = ", ".join(outcome.source.title for outcome in added)
        flash(_("Added, and being fetched: %(names)s.", names=names), "success")
    return _render(outcomes)


def _folders() -> dict[str, str]:
    """The folder of each source of the packs, called like its pack; none if the form does not ask for folders."""
    if "folders" not in request.form:
        return {}
    packs = starter_packs().items()
    return {source.url: fit_folder([region_name(slug)]) for slug, pack in packs for source in pack}


def _render(outcomes: Sequence[PackOutcome]) -> str:
    with parts().db.read() as tx:
        present = {source.url: source.id for source in store.all_sources(tx)}
    country = request.args.get("country", "").upper()[:2]
    packs = {
        slug: [source for source in pack if not country or source.home == country]
        for slug, pack in starter_packs().items()
    }
    return render_template(
        "admin/source_packs.html",
        packs={slug: pack for slug, pack in packs.items() if pack},
        country=country,
        present=present,
        outcomes={outcome.source.url: outcome for outcome in outcomes},
        language_names=_language_names(packs.values()),
        country_name=country_name,
        in_folders=request.method == "GET" or "folders" in request.form,
        limit=pack_adding.MAX_AT_ONCE,
    )


def _language_names(packs: Iterable[Iterable[PackSource]]) -> dict[str, str]:
    found = {source.language for pack in packs for source in pack}
    return {code: language_name(code) for code in found}
