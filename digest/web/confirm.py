"""The page behind the link to confirm. Opening it changes nothing: mail scanners open every link."""

from flask import render_template, request
from flask_babel import gettext as _

from digest.editions.pure.calendar import zone_or_utc
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.descriptions import date_line, hour_line, place, regions_line
from digest.subscribers.pure.subscription import Wishes
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store
from digest.tasks import say
from digest.web.blueprint import bp
from digest.web.layout import language


@bp.get("/confirm/<token>")
def confirm(token: str) -> str:
    """What was asked for, and a button to agree."""
    p = parts()
    letter_id = p.links.read("confirm", token, p.reader.clock())
    with p.db.read() as tx:
        letter, subscriber = letters.to_confirm(tx, letter_id)
    open_still = subscriber.state in ("pending", "unsubscribed") and lifecycle.may_confirm(letter, subscriber)
    told = in_words(Wishes.from_json(letter.wishes) if open_still else store.wishes_of(subscriber))
    return render_template(
        "web/confirm.html", token=token, subscriber=subscriber, open_still=open_still, **told
    )


@bp.post("/confirm/<token>", endpoint="confirm_post")
def confirm_post(token: str) -> str:
    """Agree."""
    p = parts()
    now = p.reader.clock()
    letter_id = p.links.read("confirm", token, now)
    wording = _("Yes, send me this digest")
    subscriber = lifecycle.confirm(
        p.db, letter_id, origin=request.remote_addr or "", wording=wording, now=now
    )
    say("deliveries.plan_due")
    url = p.links.url("preferences", subscriber.public_id, now)
    return render_template("web/confirmed.html", preferences_url=url, **in_words(store.wishes_of(subscriber)))


def in_words(wishes: Wishes) -> dict[str, str]:
    """What a reader asked for, in words of the page's language; and the date where they are, for the page's head."""
    p, lang = parts(), language()
    where = place(wishes.zone, lang)
    hour = hour_line(wishes.cadence, wishes.weekday, wishes.send_minute, zone=wishes.zone, language=lang)
    return {
        "regions": regions_line(p.tree, wishes.regions, lang),
        "hour": hour,
        "dateline_line": date_line(p.reader.clock(), zone_or_utc(wishes.zone), where, lang),
    }
