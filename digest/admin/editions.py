"""The editions: what went out, what became of it, and holding or ending what is going out."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Redirect

from digest.admin import edition_draft
from digest.admin.auth import note
from digest.admin.blueprint import bp
from digest.admin.form_choices import language
from digest.admin.preview import SIZES, html_page, message_file, size
from digest.admin.template_filters import page_number, pages
from digest.database import Tx
from digest.deliveries.planning import manual_editions
from digest.deliveries.previews import digest_preview
from digest.deliveries.previews.digest_preview import Preview
from digest.deliveries.store import claims as deliveries
from digest.deliveries.store import oversight
from digest.editions.models import Digest
from digest.editions.store import editions as store
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts
from digest.subscribers.descriptions import regions_line
from digest.subscribers.store import subscribers
from digest.tasks import say

STATES = ("planned", "claimed", "accepted", "refused", "expired", "in_doubt", "skipped", "cancelled")
PACE_OF = timedelta(seconds=10)
LONGEST_RATE = 5  # digits: more than 99,999 mails a second is a slip of the finger
LIVE = ("planning", "sending")  # editions that change while one looks


@bp.get("/editions")
def editions() -> str:
    """All editions, newest first."""
    with parts().db.read() as tx:
        found, total = store.listing(tx, page=page_number())
        counts = deliveries.counts(tx, [edition.id for edition in found])
    return render_template(
        "admin/editions.html", editions=found, counts=counts, pages=pages(total, store.PAGE, found), live=LIVE
    )


@bp.get("/editions/<int:edition_id>")
def edition(edition_id: int) -> str:
    """One edition: its progress, its digests and its deliveries."""
    state = request.args.get("state", "")
    with parts().db.read() as tx:
        found = store.by_id(tx, edition_id)
        rows, total = deliveries.of_edition(tx, edition_id, state, page=page_number())
        about = {
            "edition": found,
            "counts": deliveries.counts(tx, [edition_id])[edition_id],
            "digests": _digests(tx, edition_id),
            "digest_count": store.count_digests(tx, edition_id),
            "max_lateness": parts().settings.max_lateness_hours,
            **edition_draft.about(tx, found),
        }
    pager = pages(total, deliveries.PAGE, rows)
    return render_template(
        "admin/edition.html",
        **about,
        rows=rows,
        chosen=state,
        states=STATES,
        pages=pager,
        live=LIVE,
        pace=_pace(edition_id),
    )


@bp.get("/editions/<int:edition_id>/progress")
def edition_progress(edition_id: int) -> Response:
    """The moving part of an edition's page; when its state is another than the page shows, the page is to reload."""
    with parts().db.read() as tx:
        found = store.by_id(tx, edition_id)
        counts = deliveries.counts(tx, [edition_id])[edition_id]
    moving = {"counts": counts, "pace": _pace(edition_id), "live": LIVE}
    response = make_response(render_template("admin/_progress.html", edition=found, **moving))
    if request.args.get("shown") != found.state:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.post("/editions/<int:edition_id>/<any(pause, resume):step>")
def hold_edition(edition_id: int, step: str) -> Redirect:
    """Hold an edition, or let it go on."""
    change: Callable[..., None] = manual_editions.pause if step == "pause" else manual_editions.resume
    change(parts().db, edition_id)
    note("edition paused" if step == "pause" else "edition resumed", f"edition {edition_id}")
    if step == "resume":
        say("deliveries.send")
    flash(_("The edition is held.") if step == "pause" else _("The edition goes on."), "success")
    return redirect(url_for("admin.edition", edition_id=edition_id))


@bp.post("/editions/<int:edition_id>/rate")
def set_edition_rate(edition_id: int) -> Redirect:
    """Let an edition go out at most so many mails a second; 0 or nothing: as fast as it goes."""
    given = request.form.get("rate", "").strip() or "0"
    rate = int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST_RATE else None
    if rate is None:
        raise InvalidInputError(
            _("“%(text)s” is not a number of mails a second, from 0 up.", text=given[:20])
        )
    with parts().db.begin() as tx:
        store.by_id(tx, edition_id)
        oversight.set_rate(tx, edition_id, rate)
    note("edition throttled", f"edition {edition_id}: {rate} a second")
    told = ngettext("At most %(num)s mail a second.", "At most %(num)s mails a second.", rate)
    flash(told if rate else _("No limit of its own any more."), "success")
    return redirect(url_for("admin.edition", edition_id=edition_id))


@bp.get("/editions/<int:edition_id>/cancel")
def confirm_cancel(edition_id: int) -> str:
    """Say what cancelling means before it is done."""
    with parts().db.read() as tx:
        found = store.by_id(tx, edition_id)
        counts = deliveries.counts(tx, [edition_id])[edition_id]
    return render_template("admin/cancel.html", edition=found, counts=counts)


@bp.post("/editions/<int:edition_id>/cancel")
def cancel_edition(edition_id: int) -> Redirect:
    """End an edition."""
    p = parts()
    count = manual_editions.cancel(p.db, edition_id, p.reader.clock())
    note("edition cancelled", f"edition {edition_id}: {count} deliveries")
    told = ngettext("%(num)s mail will not go out.", "%(num)s mails will not go out.", count)
    flash(_("The edition is cancelled.") + " " + told, "success")
    return redirect(url_for("admin.edition", edition_id=edition_id))


@bp.get("/digests/<int:digest_id>")
def digest(digest_id: int) -> str:
    """One digest of an edition, as it goes out."""
    with parts().db.read() as tx:
        found = store.digest(tx, digest_id)
    sizes = {name: url_for("admin.digest", digest_id=digest_id, size=name) for name in SIZES}
    shown = digest_preview.of_digest(parts().db, parts().post, digest_id)
    return render_template("admin/digest.html", digest=found, shown=shown, size=size(), sizes=sizes)


@bp.get("/digests/<int:digest_id>/mail.html")
def digest_html(digest_id: int) -> Response:
    """Its HTML part, as a page of its own."""
    return html_page(_shown(digest_id).html)


@bp.get("/digests/<int:digest_id>/mail.eml")
def digest_message(digest_id: int) -> Response:
    """The whole message."""
    return message_file(_shown(digest_id))


def _pace(edition_id: int) -> float:
    """Mails of an edition that were accepted in the last seconds, a second."""
    p = parts()
    with p.db.read() as tx:
        done = oversight.ended_since(tx, edition_id, p.reader.clock() - PACE_OF)
    return done / PACE_OF.total_seconds()


def _shown(digest_id: int) -> Preview:
    shown = digest_preview.of_digest(parts().db, parts().post, digest_id)
    if shown is None:
        raise ConflictError(_("All stories of this digest were hidden since, so there is nothing to show."))
    return shown


def _digests(tx: Tx, edition_id: int) -> list[Mapping[str, object]]:
    """An edition's digests with the number of stories and readers, and the regions in words."""
    found = store.digests_of(tx, edition_id)
    readers = deliveries.count_by_digest(tx, [digest.id for digest in found])
    asked = subscribers.preferences(tx, sorted({digest.preferences_key for digest in found}))
    return [
        {
            "digest": digest,
            "stories": _stories(digest),
            "readers": readers.get(digest.id, 0),
            "regions": regions_line(parts().tree, asked[digest.preferences_key].regions, language()),
        }
        for digest in found
    ]


def _stories(digest: Digest) -> int:
    return sum(len(stories) for _slug, stories in store.stories_of(digest))
