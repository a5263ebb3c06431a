"""What has changed in an edition between the moment when an editor looked at it and now."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.deliveries.previews import comparison
from digest.editions.store import editions as store
from digest.parts import parts

MAX_SHOWN = 100  # differences on the page


@bp.get("/editions/<int:edition_id>/changes")
def edition_changes(edition_id: int) -> str:
    """The differences between what was remembered of an edition and what it is now.

    The mails are only counted with the argument `mails`, which the page asks for by itself once it is shown: with many
    subscribers counting takes longer than the rest of the page.
    """
    p, now = parts(), parts().clock()
    with p.db.read() as tx:
        edition = store.by_id(tx, edition_id)
    compared = comparison.compare_with_seen(p.db, p.sending.composers, edition_id, now)
    is_counted = compared is not None and "mails" in request.args
    return render_template(
        "admin/edition_changes.html",
        edition=edition,
        compared=compared,
        mails_now=comparison.count_mails(p.db, p.planner(), edition, now) if is_counted else None,
        max_shown=MAX_SHOWN,
    )


@bp.post("/editions/<int:edition_id>/changes")
def remember_edition(edition_id: int) -> Response:
    """Compare with what there is now from here on."""
    remember(edition_id)
    record_action("edition remembered", f"edition {edition_id}")
    flash(_("From now on, changes are those since this moment."), "success")
    return redirect(url_for("admin.edition_changes", edition_id=edition_id))


def remember(edition_id: int) -> None:
    """Keep what the signed-in editor sees of an edition."""
    p = parts()
    comparison.remember(p.db, p.planner(), edition_id, author=current_user.email, now=p.clock())
