"""The desk: the stories of the day in the order in which a region's subscribers will get them, to be changed in place.

With a script, a change replaces the list without a reload (htmx); without one, the page is loaded again at the same
story.
"""

from datetime import datetime
from typing import Any, NamedTuple

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from digest.accounts.states import Role
from digest.admin import day_notes, desk_actions, desk_preview, desk_query, desk_undo
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.desk_forms import DeskResult
from digest.admin.form_choices import kind_choices, region_options
from digest.admin.numbers import number
from digest.admin.opens import story_opens
from digest.admin.template_filters import Pager
from digest.admin.texts import translated
from digest.database import Tx
from digest.editions.desk_list import DESK_WINDOW, PAGE_SIZE, Desk, DeskQuery, Show, load_desk
from digest.editions.pure.calendar import slot_of
from digest.editions.states import EditionState
from digest.editions.store import editions, scheduled
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.http_statuses import http_status
from digest.parts import parts
from digest.subscribers.store import subscribers

# In the session: the message of the last change and its step, for the page after a redirect.
DONE = "desk_done"
# Of the editions that the page names, in this order.
OPEN_STATES = (EditionState.REVIEW, EditionState.ON_HOLD, EditionState.SENDING, EditionState.PAUSED)
MAX_NEXT_SLOTS = 3
MAX_MESSAGE = 400  # characters in the session; browsers drop a cookie of more than 4 KB
NOTHING: "MultiDict[str, str]" = MultiDict()


class NextSlot(NamedTuple):
    """When subscribers are due next, how many, and the name of the slot."""

    due: datetime
    subscribers: int
    name: str


@bp.get("/today")
def today() -> str:
    """The stories of the last 24 hours for a region."""
    query = desk_query.parse_desk_query(request.args)
    message, step_id = session.pop(DONE, ("", None))
    with parts().db.read() as tx:
        open_editions = editions.in_state(tx, *OPEN_STATES)
        next_slots = _next_slots(tx)
    return render_template(
        "admin/today.html",
        **_page(query),
        message=message,
        done_step=step_id,
        open_editions=open_editions,
        next_slots=next_slots,
        open_slots={edition.slot for edition in open_editions},
    )


@bp.get("/keys")
def keys() -> str:
    """The keys of the newsroom."""
    return render_template("admin/keys.html")


@bp.post("/today")
def change_today() -> Response | str | tuple[str, int]:
    """Change stories. With htmx the answer is the list; otherwise a redirect to the story on the page."""
    query = desk_query.parse_desk_query(request.args)
    template = "admin/_desk.html" if "HX-Request" in request.headers else "admin/today.html"
    now, step_id = parts().clock(), None
    try:
        if request.form.get("action") == desk_undo.UNDO:
            done = desk_undo.undo(request.form, now)
        else:
            done = desk_actions.perform(request.form, now)
            step_id = desk_undo.remember(done, now)
    except (ConflictError, InvalidInputError, NotFoundError) as error:
        page = _page(query, request.form)
        return render_template(template, **page, error=translated(error)), http_status(error)
    _record(done)
    if template == "admin/_desk.html":
        return render_template(template, **_page(query), message=done.message, done_step=step_id)
    # After a button of another report or story, the story stays in the list.
    place = "stories" if ":" in request.form.get("action", "") else "next"
    session[DONE] = (done.message[:MAX_MESSAGE], step_id)
    anchor = f"story-{request.form[place]}" if request.form.get(place, "").isdecimal() else None
    return redirect(url_for("admin.today", **_url_values(query), _anchor=anchor))


def _next_slots(tx: Tx) -> list[NextSlot]:
    return [
        NextSlot(due, count, scheduled.slot_name(slot_of(due)))
        for due, count in subscribers.next_due_counts(tx, parts().clock() + DESK_WINDOW, MAX_NEXT_SLOTS)
    ]


def _record(done: DeskResult) -> None:
    shown = ", ".join(map(str, done.story_ids))
    record_action(done.action, f"story {shown}" if shown else "", done.change)


def _page(query: DeskQuery, typed: "MultiDict[str, str]" = NOTHING) -> dict[str, Any]:
    p = parts()
    with p.db.read() as tx:
        desk = load_desk(tx, p.tree, query, p.clock(), composers=p.sending.composers)
        opens = story_opens(tx, [story.id for story in desk.stories])
    shown = desk_preview.parse_desk_preview(request.args)
    return {
        **desk_preview.page_values(shown, query.region),
        "day_notes": day_notes.page_values(query.region, query.region),
        "desk": desk,
        "opens": opens,
        "desk_query": query,
        "here": url_for("admin.today", **_url_values(query)),
        "kind_value": desk_query.kind_value(query),
        "kinds": kind_choices(),
        "shows": _show_names(),
        "region_nodes": region_options(),
        "pages": _pager(query, desk),
        "typed": typed,
        "steps": desk_undo.steps(p.clock()) if current_user.may(Role.EDITOR) else [],
        "ticked": frozenset(typed.getlist("stories")),
    }


def _url_values(query: DeskQuery) -> dict[str, Any]:
    """The arguments of `url_for` for the desk as it is shown, with its preview."""
    return {**desk_query.url_values(query), **desk_preview.parse_desk_preview(request.args).url_values()}


def _show_names() -> dict[Show, str]:
    return {
        Show.ALL: _("All"),
        Show.UNREVIEWED: _("Unreviewed"),
        Show.PINNED: _("Pinned"),
        Show.HIDDEN: _("Hidden"),
    }


def _pager(query: DeskQuery, desk: Desk) -> Pager:
    first = (query.page - 1) * PAGE_SIZE
    last = first + len(desk.stories)
    values = {"first": number(first + 1), "last": number(last), "total": number(desk.total)}
    position = _("%(first)s to %(last)s of %(total)s", **values) if desk.stories else _("No such page")

    def page_url(page: int) -> str:
        return url_for("admin.today", **{**_url_values(query), "page": page})

    newer = page_url(query.page - 1) if query.page > 1 else ""
    return Pager(newer, page_url(query.page + 1) if last < desk.total and desk.stories else "", position)
