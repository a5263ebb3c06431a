"""What a reader can change with their link: regions and times, a pause, and being forgotten."""

from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.editions.pure.calendar import local_moment, zone_or_utc
from digest.errors import InvalidInputError, Sentence
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import InvalidWishesError
from digest.subscribers.store import subscribers as store
from digest.web import form_choices
from digest.web.blueprint import bp
from digest.web.confirm import in_words
from digest.web.layout import language, said
from digest.web.subscribe import Page, wishes_fields


@bp.get("/preferences/<token>")
def preferences(token: str) -> Page:
    """The form with what the reader has now."""
    subscriber = _subscriber(token)
    return _page(token, subscriber, subscriber.preferences.regions)


@bp.post("/preferences/<token>", endpoint="preferences_post")
def preferences_post(token: str) -> Page:
    """Save what was changed; with "Find", only narrow the list."""
    p, subscriber, form = parts(), _subscriber(token), request.form
    chosen = form.getlist("regions")
    if "find" in form:
        return _page(token, subscriber, chosen, query=form.get("query", "").strip())
    try:
        wanted = form_choices.wishes(
            form, p.tree, languages=p.languages, language=subscriber.preferences.language
        )
    except InvalidWishesError as error:
        return _page(
            token, subscriber, chosen, errors={k: said(text) for k, text in error.errors.items()}
        ), 422
    lifecycle.change(p.db, subscriber.public_id, wanted)
    flash(_("Saved. Your next digest follows it."), "success")
    return _back(token)


@bp.post("/preferences/<token>/pause", endpoint="pause_post")
def pause_post(token: str) -> Page:
    """Pause until a day, at the reader's own midnight; or end the pause."""
    p, subscriber = parts(), _subscriber(token)
    if "resume" in request.form:
        lifecycle.resume(p.db, subscriber.public_id)
        flash(_("Welcome back. Your digest comes again at its hour."), "success")
        return _back(token)
    until = _day(request.form.get("until", ""), subscriber)
    lifecycle.pause(p.db, subscriber.public_id, until, p.reader.clock())
    flash(_("Paused. Nothing is sent until then."), "success")
    return _back(token)


@bp.get("/preferences/<token>/erase")
def erase(token: str) -> Page:
    """What erasing means, and a button to do it."""
    return render_template("web/erase.html", token=token, subscriber=_subscriber(token))


@bp.post("/preferences/<token>/erase", endpoint="erase_post")
def erase_post(token: str) -> Page:
    """Forget the reader."""
    p, subscriber = parts(), _subscriber(token)
    lifecycle.erase(p.db, subscriber.public_id, secret=p.settings.secret_key, now=p.reader.clock())
    return render_template("web/erased.html")


def _subscriber(token: str) -> Subscriber:
    p = parts()
    public_id = p.links.read("preferences", token, p.reader.clock())
    with p.db.read() as tx:
        return store.by_public_id(tx, public_id)


def _page(
    token: str,
    subscriber: Subscriber,
    chosen: list[str],
    *,
    query: str = "",
    errors: dict[str, str] | None = None,
) -> str:
    p = parts()
    now = p.reader.clock()
    return render_template(
        "web/preferences.html",
        token=token,
        subscriber=subscriber,
        unsubscribe_url=url_for(
            "web.unsubscribe", token=p.links.token("unsubscribe", subscriber.public_id, now)
        ),
        form=request.form if request.method == "POST" else form_choices.form_values(subscriber),
        errors=errors or {},
        tomorrow=(now + timedelta(days=1)).date().isoformat(),
        paused_until=_local_date(subscriber.paused_until, subscriber),
        popular=form_choices.popular(p.tree, language()),
        **wishes_fields(chosen, query),
        **in_words(store.wishes_of(subscriber)),
    )


def _day(text: str, subscriber: Subscriber) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  (a date has no zone)
        return local_moment(day, 0, zone_or_utc(subscriber.zone))
    except (ValueError, OverflowError):  # the year 1 begins, in some zones, before all time
        raise InvalidInputError(
            Sentence('"%(value)s" is not a date (example: 2027-01-31).', value=text[:20])
        ) from None


def _local_date(moment: datetime | None, subscriber: Subscriber) -> str:
    return moment.astimezone(zone_or_utc(subscriber.zone)).date().isoformat() if moment else ""


def _back(token: str) -> Response:
    return redirect(url_for("web.preferences", token=token), 303)
