"""What the buttons of the desk do. Each action answers with a message and with the fields that undo it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from digest.accounts.audit import Change
from digest.admin import edit_conflicts, params
from digest.admin.desk_forms import DeskResult, Form, read_stories, undo_fields, values_of
from digest.admin.desk_undo import AUTOMATIC
from digest.admin.edit_conflicts import SHOWN, EditedThing
from digest.admin.numbers import ngettext
from digest.admin.places import parse_places, place_name
from digest.articles import bulk_moderation, mail_headlines, moderation
from digest.articles.kind_assignment import parse_kind
from digest.articles.models import Article
from digest.articles.store import desk
from digest.database import Tx
from digest.errors import InvalidInputError
from digest.parts import parts


def perform(form: Form, now: datetime) -> DeskResult:
    """Do what the pressed button says.

    Raises InvalidInputError, NotFoundError or ConflictError with nothing changed.
    """
    name, form = _pressed(form)
    action = ACTIONS.get(name)
    if action is None:
        raise InvalidInputError(_('"%(name)s" is no action of the desk.', name=name[:20]))
    done = action(form, now)
    if name in REVIEWING:
        marked = bulk_moderation.set_reviewed(parts().db, done.story_ids, reviewed=True, now=now)
        return done._replace(undo=[*done.undo, *values_of("unreview", marked)])
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
    changed = bulk_moderation.set_hidden(parts().db, read_stories(form), hidden=True, now=now)
    message = ngettext("%(num)s story is hidden.", "%(num)s stories are hidden.", len(changed))
    return DeskResult(message, "story hidden", changed, undo_fields("unhide", stories=changed))


def _unhide(form: Form, now: datetime) -> DeskResult:
    changed = bulk_moderation.set_hidden(parts().db, read_stories(form), hidden=False, now=now)
    message = ngettext("%(num)s story is shown again.", "%(num)s stories are shown again.", len(changed))
    return DeskResult(message, "story unhidden", changed, undo_fields("hide again", stories=changed))


def _pin(form: Form, now: datetime) -> DeskResult:
    return _change_pins(form, now, "pin")


def _unpin(form: Form, now: datetime) -> DeskResult:
    return _change_pins(form, now, "unpin")


def _up(form: Form, now: datetime) -> DeskResult:
    return _change_pins(form, now, "up")


def _down(form: Form, now: datetime) -> DeskResult:
    return _change_pins(form, now, "down")


def _change_pins(form: Form, now: datetime, step: str) -> DeskResult:
    story_ids = read_stories(form)
    before = bulk_moderation.change_pins(parts().db, story_ids, step, now)
    undo = undo_fields("order pins", stories=story_ids, pins=before)
    if step == "unpin":
        message = ngettext(
            "%(num)s story is not pinned any more.",
            "%(num)s stories are not pinned any more.",
            len(story_ids),
        )
        return DeskResult(message, "story unpinned", story_ids, undo)
    message = ngettext("%(num)s story is pinned.", "%(num)s stories are pinned.", len(story_ids))
    return DeskResult(message, "story pinned", story_ids, undo)


def _kind(form: Form, _now: datetime) -> DeskResult:
    kind, story_ids = parse_kind(form.get("kind", "")), read_stories(form)
    before = bulk_moderation.choose_kind(parts().db, story_ids, kind)
    values = [f"{one.article_id}:{one.kind}:{int(one.chosen)}" for one in before]
    undo = undo_fields("restore kinds", stories=story_ids, before=values, chosen=[kind])
    return DeskResult(_("The kind is saved."), f"kind of story chosen: {kind}", story_ids, undo)


def _retag(form: Form, now: datetime) -> DeskResult:
    places, story_ids = parse_places(form.get("places", "")), read_stories(form)
    tags = [bulk_moderation.tag_of(place) for place in places]
    check = partial(_require_shown, story_ids[0], sorted(tags)) if SHOWN in form else None
    before = bulk_moderation.retag(parts().db, story_ids, places, now, check)
    values = [
        f"{one.article_id}:{AUTOMATIC if one.places is None else ' '.join(one.places)}" for one in before
    ]
    named = " ".join(place.slug for place in places) or "none"
    undo = undo_fields("restore places", stories=story_ids, before=values, chosen=tags)
    change = Change(after={"about": sorted(tags)})
    return DeskResult(_("The countries are saved."), f"story retagged: {named}", story_ids, undo, change)


def _require_shown(story_id: int, typed: list[str], tx: Tx) -> None:
    """Raise SaveConflictError if the story is not about what the form showed, unless it is about what was typed."""
    story = parts().sending.preparer.stories.load(tx, [story_id])[story_id]
    groups = desk.groups_by_article(tx, [story.lead.article_id]).get(story.lead.article_id, [])
    thing = EditedThing(
        f"places-{story_id}",
        f"/admin/stories/{story_id}",
        {"about": _("Countries or groups, separated by commas")},
        lambda _field, tags: ", ".join(place_name(tag) for tag in tags),
    )
    edit_conflicts.require_unchanged(tx, thing, "about", sorted([*story.countries, *groups]), typed)


def _headline(form: Form, _now: datetime) -> DeskResult:
    article_id, text = params.parse_int(form, "article") or 0, form.get("headline", "")
    typed = mail_headlines.clean_headline(text)
    check = partial(_require_same_headline, typed=typed) if SHOWN in form else None
    done = mail_headlines.set_headline(parts().db, article_id, text, check=check)
    story_ids = [done.story_id] if done.story_id else []
    undo = undo_fields(
        "restore headline", stories=story_ids, article=[article_id], before=[done.before], chosen=[done.saved]
    )
    change = Change(before={"headline": done.before}, after={"headline": done.saved})
    return DeskResult(_("The headline is saved."), "headline of story changed", story_ids, undo, change)


def _require_same_headline(tx: Tx, article: Article, *, typed: str) -> None:
    """Raise SaveConflictError if mails show another headline than the form showed, but not if it is the typed one."""
    story_id = article.story_id
    thing = EditedThing(
        f"line-{story_id}",
        f"/admin/stories/{story_id}",
        {"headline": _("Headline in mails and web editions")},
    )
    shown = mail_headlines.shown_headline(article)
    edit_conflicts.require_unchanged(tx, thing, "headline", shown, typed or article.title)


def _merge(form: Form, now: datetime) -> DeskResult:
    done = bulk_moderation.merge_all(parts().db, read_stories(form), now)
    values = [
        f"{one.story_id}:{' '.join(map(str, one.article_ids))}:{' '.join(map(str, one.part_ids))}"
        for one in done.merged
    ]
    count = 1 + len(done.merged)
    message = ngettext("%(num)s story is merged.", "%(num)s stories are merged into one.", count)
    target = [done.story_id]
    undo = undo_fields("unmerge", stories=target, before=values, pins=done.pins)
    return DeskResult(message, "stories merged", target, undo)


def _split_report(form: Form, _now: datetime) -> DeskResult:
    article_id = params.parse_int(form, "article") or 0
    story_ids = read_stories(form)
    old_id = bulk_moderation.story_of(parts().db, article_id)
    new_id = moderation.split(parts().db, article_id)
    undo = undo_fields("merge again", stories=[old_id, new_id])
    return DeskResult(_("The report is now a separate story."), "article removed from story", story_ids, undo)


def _review(form: Form, now: datetime) -> DeskResult:
    marked = bulk_moderation.set_reviewed(parts().db, read_stories(form), reviewed=True, now=now)
    message = ngettext("%(num)s story is reviewed.", "%(num)s stories are reviewed.", len(marked))
    return DeskResult(message, "story reviewed", marked, undo_fields("unreview", stories=marked))


def _unreview(form: Form, now: datetime) -> DeskResult:
    changed = bulk_moderation.set_reviewed(parts().db, read_stories(form), reviewed=False, now=now)
    undo = undo_fields("review", stories=changed)
    return DeskResult(_("Marked as unreviewed."), "story unreviewed", changed, undo)


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
# Actions that also mark the stories as reviewed: whoever changes a story has read it.
REVIEWING = frozenset({"hide", "pin", "kind", "retag", "headline", "merge", "split"})
