"""An edition that is not out yet: arrange its stories, look at what a reader gets, freeze, send or schedule it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from digest.admin import params
from digest.admin.auth import back, note
from digest.admin.blueprint import bp
from digest.admin.preview import SIZES, html_page, message_file, size
from digest.articles import moderation
from digest.database import Tx
from digest.deliveries.planning import freezing
from digest.deliveries.previews import draft_preview
from digest.deliveries.previews.digest_preview import Preview
from digest.deliveries.store import windows as history
from digest.editions.models import Edition
from digest.editions.store import editions as store
from digest.errors import InvalidInputError, NotFoundError
from digest.parts import parts
from digest.subscribers.models import Subscriber
from digest.subscribers.store import subscribers
from digest.tasks import say


def about(tx: Tx, edition: Edition) -> dict[str, Any]:
    """What an edition's page shows besides, by its state: the stories to arrange, or what changed since freezing."""
    p = parts()
    if edition.state in draft_preview.BEFORE_FREEZING:
        return {"desk": draft_preview.desk(tx, p.planner(), edition, p.reader.clock())}
    if edition.state == "frozen":
        return {"changes": freezing.changes(tx, edition), "reached": history.reached(tx, edition.id)}
    return {}


@bp.post("/stories/<int:story_id>/<any(pin, unpin, up, down):step>")
def pin_story(story_id: int, step: str) -> Redirect:
    """Put a story on top, let it go, or move it among those on top. It holds for every digest that has the story."""
    p = parts()
    moderation.pin(p.db, story_id, step, p.reader.clock())
    note("story pinned" if step != "unpin" else "story unpinned", f"story {story_id}: {step}")
    return back("admin.editions")


@bp.post("/editions/<int:edition_id>/freeze")
def freeze_edition(edition_id: int) -> Redirect:
    """Decide what everybody gets; nothing goes out yet."""
    p = parts()
    freezing.freeze(p.db, edition_id, p.reader.clock())
    note("edition frozen", f"edition {edition_id}")
    say("editions.plan", edition_id)
    flash(_("The digests are being composed; then you can look at each, and send them."), "success")
    return _to(edition_id)


@bp.post("/editions/<int:edition_id>/thaw")
def thaw_edition(edition_id: int) -> Redirect:
    """Back to a draft."""
    freezing.thaw(parts().db, edition_id)
    note("edition thawed", f"edition {edition_id}")
    flash(_("It is a draft again. Freeze it anew when it is as you want it."), "success")
    return _to(edition_id)


@bp.get("/editions/<int:edition_id>/send")
def confirm_release(edition_id: int) -> str:
    """Say how many readers it reaches before it is sent."""
    with parts().db.read() as tx:
        found = store.by_id(tx, edition_id)
        reached = history.reached(tx, edition_id)
        count = store.count_digests(tx, edition_id)
        changed = freezing.changes(tx, found).digests
    return render_template(
        "admin/release.html", edition=found, reached=reached, digest_count=count, changed=changed
    )


@bp.post("/editions/<int:edition_id>/send")
def release_edition(edition_id: int) -> Redirect:
    """Send what was frozen, now or at a moment; refused when it is not what was looked at."""
    p = parts()
    at = _moment(request.form.get("at", "")) if "at" in request.form else None
    freezing.release(p.db, edition_id, p.reader.clock(), at=at)
    note("edition scheduled" if at else "edition sent", f"edition {edition_id}")
    if at is None:
        say("editions.plan", edition_id)
    flash(_("It goes out by itself at that time.") if at else _("The edition is on its way."), "success")
    return _to(edition_id)


@bp.post("/editions/<int:edition_id>/unschedule")
def unschedule_edition(edition_id: int) -> Redirect:
    """Keep it from going out by itself."""
    freezing.unschedule(parts().db, edition_id)
    note("edition unscheduled", f"edition {edition_id}")
    flash(_("It stays frozen until you send it."), "success")
    return _to(edition_id)


@bp.get("/editions/<int:edition_id>/reader")
def edition_reader(edition_id: int) -> str:
    """What one reader gets of this edition: choose by a part of the address, and look."""
    sought, chosen = request.args.get("address", "").strip(), params.whole(request.args, "reader")
    with parts().db.read() as tx:
        found = store.by_id(tx, edition_id)
        readers = subscribers.search(tx, sought, "active")[0][:10] if sought and not chosen else []
    reader, shown = _made(edition_id, chosen) if chosen else (None, None)
    here: Callable[..., str] = lambda **values: url_for(  # noqa: E731
        "admin.edition_reader", edition_id=edition_id, reader=chosen, **values
    )
    return render_template(
        "admin/edition_reader.html",
        edition=found,
        sought=sought,
        readers=readers,
        reader=reader,
        shown=shown,
        size=size(),
        sizes={name: here(size=name) for name in SIZES},
    )


@bp.get("/editions/<int:edition_id>/reader/mail.html")
def edition_reader_html(edition_id: int) -> Response:
    """The HTML part, as a page of its own."""
    return html_page(_of_reader(edition_id).html)


@bp.get("/editions/<int:edition_id>/reader/mail.eml")
def edition_reader_message(edition_id: int) -> Response:
    """The whole message."""
    return message_file(_of_reader(edition_id))


def _of_reader(edition_id: int) -> Preview:
    reader = params.whole(request.args, "reader")
    shown = _made(edition_id, reader)[1] if reader else None
    if shown is None:
        raise NotFoundError(_("There is nothing new to show."))
    return shown


def _made(edition_id: int, reader_id: int) -> tuple[Subscriber, Preview | None]:
    p = parts()
    return draft_preview.of_reader(p.db, p.post, p.planner(), edition_id, reader_id, now=p.reader.clock())


def _moment(text: str) -> datetime:
    """What the browser's field for a date and time gives, as UTC."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInputError(
            _('"%(text)s" is not a date and time (example: 2027-01-31T07:30).', text=text[:20])
        ) from None


def _to(edition_id: int) -> Redirect:
    return redirect(url_for("admin.edition", edition_id=edition_id))
