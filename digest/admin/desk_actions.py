"""What the buttons of the desk do. Each action answers with a message and with the fields that undo it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from digest.accounts.audit import NO_DETAILS, Change
from digest.admin import params
from digest.admin.numbers import ngettext
from digest.admin.places import parse_places
from digest.articles import bulk_moderation, mail_headlines, moderation
from digest.articles.bulk_moderation import KindBefore, MergedStory, PlacesBefore
from digest.articles.kind_assignment import parse_kind
from digest.errors import InvalidInputError
from digest.parts import parts

MAX_STORIES = 200  # of one action; a page has far fewer
AUTOMATIC = "auto"  # in place of the codes: the tagger had decided

Fields = list[tuple[str, str]]
Form = MultiDict[str, str]


class DeskResult(NamedTuple):
    """What an action did: in words, in the audit trail's words, and how to undo it (no fields: it can't be undone)."""

    message: str
    action: str
    story_ids: Sequence[int]
    undo: Fields
    change: Change = NO_DETAILS


def perform(form: Form, now: datetime) -> DeskResult:
    """Do what the pressed button says.

    Raises InvalidInputError, NotFoundError or ConflictError with nothing changed.
    """
    name, form = _pressed(form)
    action = ACTIONS.get(name) or UNDOING.get(name)
    if action is None:
        raise InvalidInputError(_('"%(name)s" is no action of the desk.', name=name[:20]))
    done = action(form, now)
    if name in UNDOING:
        bulk_moderation.set_reviewed(parts().db, _ids(form, "unreview"), reviewed=False, now=now)
        return done._replace(undo=[])
    if name in REVIEWING:
        marked = bulk_moderation.set_reviewed(parts().db, done.story_ids, reviewed=True, now=now)
        return done._replace(undo=[*done.undo, *_fields("unreview", marked)])
    return done


def _pressed(form: Form) -> tuple[str, Form]:
    """The action of the pressed button, and the form with what the button is about: "split:7" is about report 7."""
    name, _colon, target = form.get("action", "").partition(":")
    if not target:
        return name, form
    fields = MultiDict(form)
    fields.add("article" if name == "split" else "stories", target)
    return name, fields


def _hide(form: Form, now: datetime) -> DeskResult:
    changed = bulk_moderation.set_hidden(parts().db, _stories(form), hidden=True, now=now)
    message = ngettext("%(num)s story is hidden.", "%(num)s stories are hidden.", len(changed))
    return DeskResult(message, "story hidden", changed, _undo("unhide", _fields("stories", changed)))


def _unhide(form: Form, now: datetime) -> DeskResult:
    changed = bulk_moderation.set_hidden(parts().db, _stories(form), hidden=False, now=now)
    message = ngettext("%(num)s story is shown again.", "%(num)s stories are shown again.", len(changed))
    return DeskResult(message, "story unhidden", changed, _undo("hide again", _fields("stories", changed)))


def _pin(form: Form, now: datetime) -> DeskResult:
    return _change_pins(form, now, "pin")


def _unpin(form: Form, now: datetime) -> DeskResult:
    return _change_pins(form, now, "unpin")


def _up(form: Form, now: datetime) -> DeskResult:
    return _change_pins(form, now, "up")


def _down(form: Form, now: datetime) -> DeskResult:
    return _change_pins(form, now, "down")


def _change_pins(form: Form, now: datetime, step: str) -> DeskResult:
    story_ids = _stories(form)
    before = bulk_moderation.change_pins(parts().db, story_ids, step, now)
    undo = _undo("order pins", _fields("stories", before))
    if step == "unpin":
        message = ngettext(
            "%(num)s story is not pinned any more.",
            "%(num)s stories are not pinned any more.",
            len(story_ids),
        )
        return DeskResult(message, "story unpinned", story_ids, undo)
    message = ngettext("%(num)s story is pinned.", "%(num)s stories are pinned.", len(story_ids))
    return DeskResult(message, "story pinned", story_ids, undo)


def _order_pins(form: Form, now: datetime) -> DeskResult:
    order = _ids(form, "stories")
    bulk_moderation.restore_pins(parts().db, order, now)
    return DeskResult(_("The pinned stories are as before."), "pins restored", order, [])


def _kind(form: Form, _now: datetime) -> DeskResult:
    kind, story_ids = parse_kind(form.get("kind", "")), _stories(form)
    before = bulk_moderation.choose_kind(parts().db, story_ids, kind)
    values = [f"{one.article_id}:{one.kind}:{int(one.chosen)}" for one in before]
    undo = _undo("restore kinds", [*_fields("stories", story_ids), *_fields("before", values)])
    return DeskResult(_("The kind is saved."), f"kind of story chosen: {kind}", story_ids, undo)


def _restore_kinds(form: Form, _now: datetime) -> DeskResult:
    before = []
    for article_id, kind, chosen in _split(form, 3):
        before.append(KindBefore(_number(article_id), parse_kind(kind), chosen == "1"))
    bulk_moderation.restore_kinds(parts().db, before)
    return DeskResult(_("The kind is as before."), "kind of story restored", _ids(form, "stories"), [])


def _retag(form: Form, now: datetime) -> DeskResult:
    places, story_ids = parse_places(form.get("places", "")), _stories(form)
    before = bulk_moderation.retag(parts().db, story_ids, places, now)
    values = [
        f"{one.article_id}:{AUTOMATIC if one.places is None else ' '.join(one.places)}" for one in before
    ]
    undo = _undo("restore places", [*_fields("stories", story_ids), *_fields("before", values)])
    named = " ".join(place.slug for place in places) or "none"
    return DeskResult(_("The countries are saved."), f"story retagged: {named}", story_ids, undo)


def _restore_places(form: Form, now: datetime) -> DeskResult:
    p, before = parts(), []
    for article_id, places in _split(form, 2):
        chosen = None if places == AUTOMATIC else tuple(places.split())
        before.append(PlacesBefore(_number(article_id), chosen))
    bulk_moderation.restore_places(p.db, p.tree, p.ingest.tagger, before, now)
    return DeskResult(_("The countries are as before."), "tags of story restored", _ids(form, "stories"), [])


def _headline(form: Form, _now: datetime) -> DeskResult:
    article_id, text = params.parse_int(form, "article") or 0, form.get("headline", "")
    done = mail_headlines.set_headline(parts().db, article_id, text)
    story_ids = [done.story_id] if done.story_id else []
    undo = _undo("restore headline", [("article", str(article_id)), ("headline", done.before)])
    change = Change(before={"headline": done.before}, after={"headline": done.saved})
    return DeskResult(_("The headline is saved."), "headline of story changed", story_ids, undo, change)


def _restore_headline(form: Form, now: datetime) -> DeskResult:
    return _headline(form, now)._replace(message=_("The headline is as before."))


def _merge(form: Form, _now: datetime) -> DeskResult:
    target, merged = bulk_moderation.merge_all(parts().db, _stories(form))
    values = [f"{one.story_id}:{' '.join(map(str, one.article_ids))}" for one in merged]
    count = 1 + len(merged)
    message = ngettext("%(num)s story is merged.", "%(num)s stories are merged into one.", count)
    undo = _undo("unmerge", [*_fields("stories", [target]), *_fields("before", values)])
    return DeskResult(message, "stories merged", [target], undo)


def _unmerge(form: Form, _now: datetime) -> DeskResult:
    merged = []
    for story_id, article_ids in _split(form, 2):
        merged.append(MergedStory(_number(story_id), tuple(map(_number, article_ids.split()))))
    bulk_moderation.unmerge(parts().db, merged)
    return DeskResult(_("The stories are separate again."), "stories unmerged", _ids(form, "stories"), [])


def _split_report(form: Form, _now: datetime) -> DeskResult:
    article_id = params.parse_int(form, "article") or 0
    story_ids = _stories(form)
    new_id = moderation.split(parts().db, article_id)
    undo = _undo("merge again", _fields("stories", [*story_ids, new_id]))
    return DeskResult(_("The report is now a separate story."), "article removed from story", story_ids, undo)


def _merge_again(form: Form, now: datetime) -> DeskResult:
    return _merge(form, now)._replace(message=_("The report is in the story again."))


def _review(form: Form, now: datetime) -> DeskResult:
    marked = bulk_moderation.set_reviewed(parts().db, _stories(form), reviewed=True, now=now)
    message = ngettext("%(num)s story is reviewed.", "%(num)s stories are reviewed.", len(marked))
    return DeskResult(message, "story reviewed", marked, _undo("unreview", _fields("stories", marked)))


def _unreview(form: Form, now: datetime) -> DeskResult:
    story_ids = _stories(form)
    bulk_moderation.set_reviewed(parts().db, story_ids, reviewed=False, now=now)
    return DeskResult(
        _("Marked as unreviewed."),
        "story unreviewed",
        story_ids,
        _undo("review", _fields("stories", story_ids)),
    )


ACTIONS: Mapping[str, Callable[[Form, datetime], DeskResult]] = {
    "hide": _hide,
    "show": _unhide,
    "pin": _pin,
    "unpin": _unpin,
    "up": _up,
    "down": _down,
    "kind": _kind,
    "retag": _retag,
    "headline": _headline,
    "merge": _merge,
    "split": _split_report,
    "reviewed": _review,
    "unreviewed": _unreview,
}
# The actions of undo buttons; they can't be undone themselves.
UNDOING: Mapping[str, Callable[[Form, datetime], DeskResult]] = {
    "hide again": _hide,
    "unhide": _unhide,
    "order pins": _order_pins,
    "restore kinds": _restore_kinds,
    "restore places": _restore_places,
    "restore headline": _restore_headline,
    "unmerge": _unmerge,
    "merge again": _merge_again,
    "review": _review,
    "unreview": _unreview,
}
# Actions that also mark the stories as reviewed: whoever changes a story has read it.
REVIEWING = frozenset({"hide", "pin", "kind", "retag", "headline", "merge", "split"})


def _stories(form: Form) -> list[int]:
    """The chosen stories. Raises InvalidInputError if there are none."""
    story_ids = _ids(form, "stories")
    if not story_ids:
        raise InvalidInputError(_("Choose at least one story."))
    return story_ids


def _ids(form: Form, name: str) -> list[int]:
    texts = form.getlist(name)
    if len(texts) > MAX_STORIES:
        raise InvalidInputError(_("At most %(max)s stories at once.", max=MAX_STORIES))
    return list(dict.fromkeys(map(_number, texts)))


def _number(text: str) -> int:
    return params.parse_int({"story": text}, "story") or 0


def _split(form: Form, count: int) -> list[list[str]]:
    """The fields `before` of an undo form, each split at its colons. Raises InvalidInputError."""
    values = [text.split(":") for text in form.getlist("before")]
    if any(len(value) != count for value in values):
        raise InvalidInputError(_("This change can't be undone."))
    return values


def _fields(name: str, values: Iterable[object]) -> Fields:
    return [(name, str(value)) for value in values]


def _undo(action: str, fields: Fields) -> Fields:
    return [("action", action), *fields]
