"""Drafting, freezing, sending, pausing, slowing and cancelling editions."""

from collections.abc import Callable

from flask import Response

from digest.accounts.audit import Change
from digest.api.v1.answers import answer, require_match
from digest.api.v1.blueprint import BASE_PATH
from digest.api.v1.editions import read_audience, read_preferences
from digest.api.v1.operations import operation
from digest.api.v1.repeats import creation_key
from digest.api.v1.schemas.sending import Cancelled, EditionOut, NewEdition, Rate, Release, TrialMail
from digest.api.v1.subscriptions import read_address
from digest.api.v1.trail import record
from digest.deliveries.planning import freezing, manual_editions
from digest.deliveries.pure.audience import Audience
from digest.deliveries.store import oversight
from digest.editions.store import editions as store
from digest.parts import parts
from digest.task_names import TaskName
from digest.tasks import enqueue


@operation("POST", "/editions", tag="editions", answer=EditionOut, statuses=(201,), repeatable=True)
def draft_edition(json: NewEdition) -> Response:
    """Draft an edition.

    Nothing is sent: freeze it, check it, then send it.
    """
    p = parts()
    edition_id = manual_editions.create(
        p.db,
        read_audience(json.audience.kind, json.audience.regions),
        note=json.note.strip(),
        now=p.clock(),
        idempotency_key=creation_key(),
        hours=json.hours,
        draft=True,
    )
    record("edition drafted", f"edition {edition_id}: {json.audience.kind}", link=_link(edition_id))
    return answer(_load(edition_id), 201, location=f"{BASE_PATH}/editions/{edition_id}")


@operation(
    "POST",
    "/editions/<int:edition_id>/freeze",
    tag="editions",
    answer=EditionOut,
    statuses=(202,),
    problems=(409,),
    conditional=True,
)
def freeze_edition(edition_id: int) -> Response:
    """Freeze a draft.

    Its digests are written, which takes a while: its state is `freezing`, then `frozen`. Nothing is sent.
    """
    p = parts()
    require_match(_load(edition_id))
    freezing.freeze(p.db, edition_id, p.clock())
    record("edition frozen", f"edition {edition_id}", link=_link(edition_id))
    enqueue(TaskName.PLAN_EDITION, edition_id)
    return answer(_load(edition_id), 202)


@operation(
    "POST",
    "/editions/<int:edition_id>/thaw",
    tag="editions",
    answer=EditionOut,
    problems=(409,),
    conditional=True,
)
def thaw_edition(edition_id: int) -> Response:
    """Make a frozen edition a draft again."""
    require_match(_load(edition_id))
    freezing.thaw(parts().db, edition_id)
    record("edition returned to draft", f"edition {edition_id}", link=_link(edition_id))
    return answer(_load(edition_id))


@operation(
    "POST",
    "/editions/<int:edition_id>/send",
    tag="editions",
    answer=EditionOut,
    statuses=(202,),
    problems=(409,),
    repeatable=True,
    conditional=True,
)
def send_edition(edition_id: int, json: Release) -> Response:
    """Send a frozen edition.

    Now or later. Refused if its stories changed after it was frozen.
    """
    p = parts()
    require_match(_load(edition_id))
    freezing.release(p.db, edition_id, p.clock(), send_at=json.at)
    record(
        "edition scheduled" if json.at else "edition sent", f"edition {edition_id}", link=_link(edition_id)
    )
    if json.at is None:
        enqueue(TaskName.PLAN_EDITION, edition_id)
    return answer(_load(edition_id), 202)


@operation(
    "POST", "/editions/<int:edition_id>/unschedule", tag="editions", answer=EditionOut, conditional=True
)
def unschedule_edition(edition_id: int) -> Response:
    """Cancel the time at which a frozen edition is sent.

    It stays frozen.
    """
    require_match(_load(edition_id))
    freezing.unschedule(parts().db, edition_id)
    record("edition unscheduled", f"edition {edition_id}", link=_link(edition_id))
    return answer(_load(edition_id))


@operation(
    "POST",
    "/editions/<int:edition_id>/pause",
    tag="editions",
    answer=EditionOut,
    problems=(409,),
    conditional=True,
)
def pause_edition(edition_id: int) -> Response:
    """Pause an edition.

    One that is in review is put on hold.
    """
    return _hold(edition_id, manual_editions.pause, "edition paused")


@operation(
    "POST",
    "/editions/<int:edition_id>/resume",
    tag="editions",
    answer=EditionOut,
    problems=(409,),
    conditional=True,
)
def resume_edition(edition_id: int) -> Response:
    """Resume an edition that is paused or on hold."""
    response = _hold(edition_id, manual_editions.resume, "edition resumed")
    enqueue(TaskName.SEND_DELIVERIES)
    return response


@operation("PUT", "/editions/<int:edition_id>/rate", tag="editions", answer=EditionOut, conditional=True)
def set_rate(edition_id: int, json: Rate) -> Response:
    """Limit how fast an edition is sent.

    Takes effect within seconds.
    """
    before = _load(edition_id)
    require_match(before)
    with parts().db.begin() as tx:
        oversight.set_rate(tx, edition_id, json.per_second)
    change = Change(before={"rate": before.per_second}, after={"rate": json.per_second})
    record("edition rate limited", f"edition {edition_id}", link=_link(edition_id), change=change)
    return answer(_load(edition_id))


@operation(
    "POST",
    "/editions/<int:edition_id>/cancel",
    tag="editions",
    answer=Cancelled,
    problems=(409,),
    conditional=True,
)
def cancel_edition(edition_id: int) -> Response:
    """Cancel an edition.

    What is not sent yet is never sent; those subscribers get its news in their next digest. This can't be undone.
    """
    p, before = parts(), _load(edition_id)
    require_match(before)
    count = manual_editions.cancel(p.db, edition_id, p.clock())
    shown = _load(edition_id)
    change = Change(before={"state": before.state}, after={"state": shown.state})
    record(
        "edition cancelled",
        f"edition {edition_id}: {count} deliveries",
        link=_link(edition_id),
        change=change,
    )
    return answer(Cancelled(not_sent=count, edition=shown))


@operation(
    "POST",
    "/test-mails",
    tag="editions",
    answer=EditionOut,
    statuses=(202,),
    problems=(409,),
    repeatable=True,
)
def send_test_mail(json: TrialMail) -> Response:
    """Send a digest to one address, as a test.

    409 if nothing was published about the regions.
    """
    p, address, preferences = parts(), read_address(json.email), read_preferences(json)
    minutes = json.hours * 60
    audience = Audience(
        "address", tuple(preferences.regions), address.email, json.language, minutes, preferences.content
    )
    edition_id = manual_editions.send_test(
        p.db,
        p.planner(),
        audience,
        note=json.note.strip(),
        now=p.clock(),
        idempotency_key=creation_key(),
    )
    record("edition sent", f"edition {edition_id}: address", link=_link(edition_id))
    enqueue(TaskName.SEND_DELIVERIES)
    return answer(_load(edition_id), 202)


def _hold(edition_id: int, change_state: Callable[..., None], action: str) -> Response:
    before = _load(edition_id)
    require_match(before)
    change_state(parts().db, edition_id)
    shown = _load(edition_id)
    change = Change(before={"state": before.state}, after={"state": shown.state})
    record(action, f"edition {edition_id}", link=_link(edition_id), change=change)
    return answer(shown)


def _load(edition_id: int) -> EditionOut:
    with parts().db.read() as tx:
        return EditionOut.of(store.by_id(tx, edition_id))


def _link(edition_id: int) -> str:
    return f"/admin/editions/{edition_id}"
