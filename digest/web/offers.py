"""The pages of letters that offer something: another choice of regions and times, or another address.

Opening them changes nothing, because mail scanners open every link.
"""

from flask import abort, render_template, request
from flask_babel import gettext as _

from digest.parts import parts
from digest.subscribers import offers
from digest.subscribers.descriptions import describe_hour, describe_regions
from digest.subscribers.offers import Choice
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import SUBSCRIBED_STATES, LetterKind
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store
from digest.web.blueprint import bp
from digest.web.layout import page_language


@bp.get("/change/<link:token>")
def change(token: str) -> str:
    """The current choice beside the new one, with a button for each thing to do."""
    p = parts()
    letter_id = p.links.verify("change", token, p.clock())
    with p.db.read() as tx:
        letter, subscriber = letters.by_public_id(tx, letter_id, LetterKind.CHANGE)
    current = store.subscription_of(subscriber)
    asked = Subscription.from_json(letter.requested_subscription)
    return render_template(
        "web/change.html",
        token=token,
        is_open=subscriber.state in SUBSCRIBED_STATES,
        current=_describe(current),
        asked=_describe(asked),
        together=_describe(offers.chosen_subscription(current, asked, Choice.ADD)),
    )


@bp.post("/change/<link:token>", endpoint="change_post")
def change_post(token: str) -> str:
    """Do what was chosen."""
    p, text = parts(), request.form.get("choice", "")
    if text not in set(Choice):
        abort(400)
    now = p.clock()
    letter_id = p.links.verify("change", token, now)
    subscription = offers.choose(p.db, letter_id, Choice(text), origin=request.remote_addr or "", now=now)
    return render_template("web/changed.html", title=_("Your digest"), got=_describe(subscription))


@bp.get("/address/<link:token>")
def address(token: str) -> str:
    """The button with which the holder of a new address confirms it."""
    p = parts()
    letter_id = p.links.verify("address", token, p.clock())
    with p.db.read() as tx:
        letter, subscriber = letters.by_public_id(tx, letter_id, LetterKind.ADDRESS)
    got = _describe(store.subscription_of(subscriber))
    return render_template("web/address.html", token=token, email=letter.address, got=got)


@bp.post("/address/<link:token>", endpoint="move_post")
def move_post(token: str) -> str:
    """Send the digests to the new address from now on."""
    p = parts()
    now = p.clock()
    letter_id = p.links.verify("address", token, now)
    secret, origin = p.settings.secret_key, request.remote_addr or ""
    subscriber = offers.move(p.db, letter_id, secret=secret, origin=origin, now=now)
    got = _describe(store.subscription_of(subscriber))
    return render_template("web/changed.html", title=_("Your new address is confirmed"), got=got)


def _describe(subscription: Subscription) -> dict[str, str]:
    """A subscription in words."""
    lang = page_language()
    return {
        "regions": describe_regions(parts().tree, subscription.regions, lang),
        "schedule": describe_hour(subscription, lang),
    }
