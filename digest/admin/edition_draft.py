"""An edition that is not sent yet: arrange its stories, preview it for a subscriber, freeze, send or schedule it."""

from dataclasses import replace
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from digest.admin import edition_changes, large_mailings, params, typed_forms
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.dates import parse_moment
from digest.admin.preview import PREVIEW_FORMATS, html_response, message_response, requested_format
from digest.admin.redirects import redirect_back
from digest.admin.subscriber_search import find_subscribers
from digest.admin.template_filters import make_pager, page_number
from digest.admin.texts import translated
from digest.articles import moderation
from digest.database import Tx
from digest.deliveries.planning import freezing
from digest.deliveries.previews import draft_preview
from digest.deliveries.previews.digest_preview import Preview
from digest.deliveries.store import windows
from digest.editions.models import Edition
from digest.editions.states import EDITABLE_STATES, EditionState
from digest.editions.store import editions as store
from digest.errors import InvalidInputError, NotFoundError
from digest.parts import parts
from digest.subscribers.models import Subscriber
from digest.subscribers.states import SubscriberState
from digest.task_names import TaskName
from digest.tasks import enqueue

STORIES_PER_PAGE = 30  # of about 2 KB each


def load_state_details(tx: Tx, edition: Edition) -> dict[str, Any]:
    """The template values that the page of an edition needs only in the edition's current state.

    For an editable one, the stories to arrange; for a frozen one, what has changed and how many subscribers it reaches.
    """
    p = parts()
    if edition.state in EDITABLE_STATES:
        draft = draft_preview.load_edition_draft(tx, p.sending.composers, edition, p.clock())
        first = (page_number("stories") - 1) * STORIES_PER_PAGE
        shown = draft.stories[first : first + STORIES_PER_PAGE]
        pages = make_pager(len(draft.stories), STORIES_PER_PAGE, shown, name="stories")
        return {"draft_stories": replace(draft, stories=shown), "story_pages": pages}
    if edition.state == EditionState.FROZEN:
        return {
            "changes": freezing.find_changes(tx, edition),
            "subscriber_count": windows.count_reachable(tx, edition.id),
        }
    return {}


@bp.post("/stories/<int:story_id>/<any(pin, unpin, up, down):step>")
def pin_story(story_id: int, step: str) -> Redirect:
    """Pin or unpin a story, or move it among the pinned ones. This applies to every digest that has the story."""
    p = parts()
    moderation.change_pin(p.db, story_id, step, p.clock())
    record_action("story pinned" if step != "unpin" else "story unpinned", f"story {story_id}: {step}")
    return redirect_back("admin.editions")


@bp.post("/editions/<int:edition_id>/freeze")
def freeze_edition(edition_id: int) -> Redirect:
    """Fix the digests of a draft. Nothing is sent yet."""
    p = parts()
    freezing.freeze(p.db, edition_id, p.clock())
    record_action("edition frozen", f"edition {edition_id}")
    enqueue(TaskName.PLAN_EDITION, edition_id)
    edition_changes.remember(edition_id)
    flash(_("The digests are being composed. Then you can check and send them."), "success")
    return _redirect_to_edition(edition_id)


@bp.post("/editions/<int:edition_id>/thaw")
def thaw_edition(edition_id: int) -> Redirect:
    """Return a frozen edition to draft."""
    freezing.thaw(parts().db, edition_id)
    record_action("edition returned to draft", f"edition {edition_id}")
    flash(_("The edition is a draft again. Freeze it when it is ready."), "success")
    return _redirect_to_edition(edition_id)


@bp.get("/editions/<int:edition_id>/send")
def confirm_release(edition_id: int) -> str:
    """Show how many subscribers a frozen edition reaches before it is sent."""
    with parts().db.read() as tx:
        edition = store.by_id(tx, edition_id)
        subscriber_count = windows.count_reachable(tx, edition_id)
        digest_count = store.count_digests(tx, edition_id)
        changed = freezing.find_changes(tx, edition).digest_count
    return render_template(
        "admin/release.html",
        edition=edition,
        subscriber_count=subscriber_count,
        digest_count=digest_count,
        changed=changed,
        needs_number=large_mailings.needs_number(subscriber_count),
    )


@bp.post("/editions/<int:edition_id>/send")
def release_edition(edition_id: int) -> Redirect | tuple[str, int]:
    """Send a frozen edition, now or at the time in the form. Refused if its stories changed after the freeze."""
    p = parts()
    send_at = parse_moment(request.form.get("at", "")) if "at" in request.form else None
    if send_at is None and (problem := _number_problem(edition_id)):
        typed_forms.fail("send", "typed_count", problem, request.form)
        return confirm_release(edition_id), 400
    freezing.release(p.db, edition_id, p.clock(), send_at=send_at)
    record_action("edition scheduled" if send_at else "edition sent", f"edition {edition_id}")
    if send_at is None:
        enqueue(TaskName.PLAN_EDITION, edition_id)
        flash(_("The edition is being sent."), "success")
    else:
        flash(_("The edition is scheduled."), "success")
    return _redirect_to_edition(edition_id)


@bp.post("/editions/<int:edition_id>/unschedule")
def unschedule_edition(edition_id: int) -> Redirect:
    """Cancel the schedule of a frozen edition."""
    freezing.unschedule(parts().db, edition_id)
    record_action("edition unscheduled", f"edition {edition_id}")
    flash(_("The schedule is cancelled. The edition stays frozen until you send it."), "success")
    return _redirect_to_edition(edition_id)


@bp.get("/editions/<int:edition_id>/reader")
def edition_reader(edition_id: int) -> str:
    """The mail of this edition to one subscriber, with a search for subscribers by address."""
    address_query = request.args.get("address", "").strip()
    subscriber_id = params.parse_int(request.args, "reader")
    with parts().db.read() as tx:
        edition = store.by_id(tx, edition_id)
        matches = [] if subscriber_id else find_subscribers(tx, address_query, SubscriberState.ACTIVE)
    subscriber, preview = (
        _preview_for_subscriber(edition_id, subscriber_id) if subscriber_id else (None, None)
    )
    formats = {
        name: url_for("admin.edition_reader", edition_id=edition_id, reader=subscriber_id, size=name)
        for name in PREVIEW_FORMATS
    }
    return render_template(
        "admin/edition_reader.html",
        edition=edition,
        address_query=address_query,
        matches=matches,
        subscriber=subscriber,
        shown=preview,
        size=requested_format(),
        sizes=formats,
    )


@bp.get("/editions/<int:edition_id>/reader/mail.html")
def edition_reader_html(edition_id: int) -> Response:
    """The HTML part of a subscriber's mail, as a page."""
    return html_response(_requested_preview(edition_id).html)


@bp.get("/editions/<int:edition_id>/reader/mail.eml")
def edition_reader_message(edition_id: int) -> Response:
    """A subscriber's mail as a message file."""
    return message_response(_requested_preview(edition_id))


def _requested_preview(edition_id: int) -> Preview:
    subscriber_id = params.parse_int(request.args, "reader")
    preview = _preview_for_subscriber(edition_id, subscriber_id)[1] if subscriber_id else None
    if preview is None:
        raise NotFoundError(_("There are no new stories."))
    return preview


def _preview_for_subscriber(edition_id: int, subscriber_id: int) -> tuple[Subscriber, Preview | None]:
    p = parts()
    return draft_preview.preview_for_subscriber(
        p.db, p.sending, p.planner(), edition_id, subscriber_id, now=p.clock()
    )


def _number_problem(edition_id: int) -> str:
    """What is wrong with the number of mails that was typed; "" if nothing is, or if none is needed."""
    with parts().db.read() as tx:
        count = windows.count_reachable(tx, edition_id)
    try:
        large_mailings.check_number(request.form, count)
    except InvalidInputError as error:
        return translated(error)
    return ""


def _redirect_to_edition(edition_id: int) -> Redirect:
    return redirect(url_for("admin.edition", edition_id=edition_id))
