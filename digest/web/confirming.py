"""The page behind the link to confirm. Opening it changes nothing: mail scanners open every link."""

from flask import render_template, request
from flask_babel import gettext as _

from digest.parts import parts
from digest.subscribers import joining, store
from digest.subscribers.models import Subscriber
from digest.subscribers.wording import hour_line, regions_line
from digest.tasks import say
from digest.web.blueprint import bp


@bp.get("/confirm/<token>")
def confirm(token: str) -> str:
    """What was asked for, and a button to agree."""
    p = parts()
    public_id = p.links.read("confirm", token, p.reader.clock())
    with p.db.read() as tx:
        subscriber = store.by_public_id(tx, public_id)
    return render_template("web/confirm.html", token=token, subscriber=subscriber, **in_words(subscriber))


@bp.post("/confirm/<token>", endpoint="confirm_post")
def confirm_post(token: str) -> str:
    """Agree."""
    p = parts()
    now = p.reader.clock()
    public_id = p.links.read("confirm", token, now)
    wording = _("Yes, send me this digest")
    subscriber = joining.confirm(p.db, public_id, origin=request.remote_addr or "", wording=wording, now=now)
    say("deliveries.plan_due")
    url = p.links.url("preferences", public_id, now)
    with p.db.read() as tx:
        subscriber = store.by_public_id(tx, subscriber.public_id)
    return render_template(
        "web/confirmed.html", preferences_url=url, subscriber=subscriber, **in_words(subscriber)
    )


def in_words(subscriber: Subscriber) -> dict[str, str]:
    """What a subscriber asked for, in words."""
    language = subscriber.preferences.language
    hour = hour_line(
        subscriber.cadence,
        subscriber.weekday,
        subscriber.send_minute,
        zone=subscriber.zone,
        language=language,
    )
    return {"regions": regions_line(parts().tree, subscriber.preferences.regions, language), "hour": hour}
