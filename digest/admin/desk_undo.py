"""Undoes what somebody has done on the desk, the last step first. Each step has the fields that undo it.

What others have changed since stays: a kind or countries come back only where they are as the step left them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from digest.accounts.audit import Change
from digest.accounts.models import UndoStep
from digest.accounts.store import undo_steps as store
from digest.admin import params
from digest.admin.desk_forms import DeskResult, Form, read_ids, read_number, read_stories
from digest.admin.numbers import ngettext
from digest.articles import bulk_moderation, mail_headlines
from digest.articles.bulk_moderation import KindBefore, MergedStory, PlacesBefore
from digest.articles.kind_assignment import parse_kind
from digest.articles.store import desk
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.parts import parts

UNDO = "undo"  # the action of the button
AUTOMATIC = "auto"  # in place of the codes: the tagger had decided
MAX_HEADLINES = 3  # named of a step
MAX_HEADLINE = 80  # characters


def remember(done: DeskResult, now: datetime) -> int | None:
    """Keep what undoes an action. Returns the id of the step; None if the action changed nothing."""
    if not done.undo or not done.story_ids:
        return None
    with parts().db.begin() as tx:
        titles = desk.headlines(tx, done.story_ids[:MAX_HEADLINES])
        step = UndoStep(
            account_id=current_user.account_id,
            at=now,
            message=done.message,
            about=" · ".join(title[:MAX_HEADLINE] for title in titles),
            fields=[list(field) for field in done.undo],
        )
        return store.add(tx, step)


def steps(now: datetime) -> Sequence[UndoStep]:
    """What the signed-in account can undo, the last step first."""
    with parts().db.read() as tx:
        return store.newest_first(tx, current_user.account_id, now)


def undo(form: Form, now: datetime) -> DeskResult:
    """Undo the step that the button names, which is the last one.

    Raises ConflictError if it is another, and what undoing raises if the step can't be undone any more. That step is
    not offered again.
    """
    p, step_id = parts(), params.parse_int(form, "step") or 0
    with p.db.begin() as tx:
        step = store.take(tx, current_user.account_id, step_id, now)
    fields: Form = MultiDict((name, value) for name, value in step.fields)
    try:
        done = UNDOING[fields["action"]](fields, now)
        bulk_moderation.set_reviewed(p.db, read_ids(fields, "unreview"), reviewed=False, now=now)
    except (ConflictError, InvalidInputError, NotFoundError):
        raise
    except Exception:
        with p.db.begin() as tx:
            store.put_back(tx, step)
        raise
    return done._replace(message=" ".join(filter(None, (done.message, step.about))))


def _unhide(form: Form, now: datetime) -> DeskResult:
    changed = bulk_moderation.set_hidden(parts().db, read_stories(form), hidden=False, now=now)
    message = ngettext("%(num)s story is shown again.", "%(num)s stories are shown again.", len(changed))
    return DeskResult(message, "story unhidden", changed, [])


def _hide_again(form: Form, now: datetime) -> DeskResult:
    changed = bulk_moderation.set_hidden(parts().db, read_stories(form), hidden=True, now=now)
    message = ngettext("%(num)s story is hidden.", "%(num)s stories are hidden.", len(changed))
    return DeskResult(message, "story hidden", changed, [])


def _restore_pins(form: Form, now: datetime) -> DeskResult:
    changed = read_ids(form, "stories")
    bulk_moderation.restore_pins(parts().db, read_ids(form, "pins"), changed, now)
    return DeskResult(_("The pinned stories are as before."), "pins restored", changed, [])


def _restore_kinds(form: Form, _now: datetime) -> DeskResult:
    before = [
        KindBefore(read_number(article_id), parse_kind(kind), chosen == "1")
        for article_id, kind, chosen in _split(form, 3)
    ]
    left = bulk_moderation.restore_kinds(parts().db, before, parse_kind(form.get("chosen", "")))
    message = _with_left(_("The kind is as before."), left)
    return DeskResult(message, "kind of story restored", read_ids(form, "stories"), [])


def _restore_places(form: Form, now: datetime) -> DeskResult:
    p = parts()
    before = [
        PlacesBefore(read_number(article_id), None if places == AUTOMATIC else tuple(places.split()))
        for article_id, places in _split(form, 2)
    ]
    chosen = form.getlist("chosen")
    left = bulk_moderation.restore_places(p.db, p.tree, p.ingest.tagger, before, chosen=chosen, now=now)
    message = _with_left(_("The countries are as before."), left)
    return DeskResult(message, "tags of story restored", read_ids(form, "stories"), [])


def _restore_headline(form: Form, _now: datetime) -> DeskResult:
    article_id, before = read_number(form.get("article", "")), form.get("before", "")
    done = mail_headlines.set_headline(parts().db, article_id, before, only_from=form.get("chosen", ""))
    message = _with_left(_("The headline is as before."), int(done.saved != before))
    change = Change(before={"headline": done.before}, after={"headline": done.saved})
    return DeskResult(message, "headline of story changed", read_ids(form, "stories"), [], change)


def _with_left(message: str, left: int) -> str:
    """A message, and how many articles somebody has changed since."""
    if not left:
        return message
    stays = ngettext(
        "%(num)s article has been changed since and stays so.",
        "%(num)s articles have been changed since and stay so.",
        left,
    )
    return f"{message} {stays}"


def _unmerge(form: Form, now: datetime) -> DeskResult:
    merged = [
        MergedStory(
            read_number(story_id),
            tuple(map(read_number, articles.split())),
            tuple(map(read_number, ids.split())),
        )
        for story_id, articles, ids in _split(form, 3)
    ]
    target = read_ids(form, "stories")
    bulk_moderation.unmerge(parts().db, merged)
    bulk_moderation.restore_pins(parts().db, read_ids(form, "pins"), target, now)
    return DeskResult(_("The stories are separate again."), "stories unmerged", target, [])


def _merge_again(form: Form, _now: datetime) -> DeskResult:
    story_id, new_id = read_stories(form)
    bulk_moderation.unsplit(parts().db, story_id, new_id)
    return DeskResult(_("The report is in the story again."), "stories merged", [story_id], [])


def _review(form: Form, now: datetime) -> DeskResult:
    marked = bulk_moderation.set_reviewed(parts().db, read_stories(form), reviewed=True, now=now)
    message = ngettext("%(num)s story is reviewed.", "%(num)s stories are reviewed.", len(marked))
    return DeskResult(message, "story reviewed", marked, [])


def _unreview(form: Form, now: datetime) -> DeskResult:
    changed = bulk_moderation.set_reviewed(parts().db, read_stories(form), reviewed=False, now=now)
    return DeskResult(_("Marked as unreviewed."), "story unreviewed", changed, [])


# By the name in the fields of a step.
UNDOING: Mapping[str, Callable[[Form, datetime], DeskResult]] = {
    "hide again": _hide_again,
    "unhide": _unhide,
    "order pins": _restore_pins,
    "restore kinds": _restore_kinds,
    "restore places": _restore_places,
    "restore headline": _restore_headline,
    "unmerge": _unmerge,
    "merge again": _merge_again,
    "review": _review,
    "unreview": _unreview,
}


def _split(form: Form, count: int) -> list[list[str]]:
    """The fields `before` of a step, each split at its colons."""
    return [text.split(":", count - 1) for text in form.getlist("before")]
