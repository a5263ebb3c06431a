"""The sign-up form at `/`, the page after it, and the form that sends subscribers the link to their preferences."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.editions.store import editions
from digest.errors import InvalidInputError
from digest.parts import Parts, parts
from digest.sources.store import sources
from digest.subscribers import letter_requests, subscription_form
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.preference_fields import chosen_regions
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices
from digest.subscribers.pure.email_address import EmailAddress, parse_address
from digest.subscribers.pure.subscription import InvalidSubscriptionError, Subscription
from digest.subscribers.subscription_form import REARRANGING_BUTTONS, FormOffer
from digest.task_names import TaskName
from digest.tasks import enqueue
from digest.web.blueprint import bp
from digest.web.layout import chosen_language, digest_language, page_language, translate_message
from digest.web.outbox import is_outbox_open
from digest.web.page_cache import kept_page
from digest.web.popular_regions import popular_regions
from digest.web.same_site import is_from_another_site
from digest.web.sample_digest import count_line

FORM_MAX_AGE = 60  # seconds
PageResponse = str | tuple[str, int] | Response


@bp.get("/")
def join() -> PageResponse:
    """The sign-up form, with a link to the sample digest if there is one. Without chosen regions it is kept."""
    if request.args.keys() - {"lang"}:
        parts().refresh_regions()
        return _render_form({}, request.args.getlist("regions"))
    chosen = chosen_language()
    version = parts().tree.snapshot.version  # as this process knows it
    key = ("join", page_language(), digest_language(), bool(chosen), is_outbox_open(), version)
    return kept_page(key, _render_first_form, max_age=FORM_MAX_AGE, by_language=not chosen)


def _render_first_form() -> str:
    parts().refresh_regions()
    return _render_form({}, ())


@bp.post("/", endpoint="join_post")
def join_post() -> PageResponse:
    """Record a sign-up. The response is the same for every address, so it does not reveal who is a subscriber.

    The buttons "Search" and those that arrange the regions only change the form.
    """
    if is_from_another_site():
        abort(403)
    chosen, query = chosen_regions(request.form), request.form.get("query", "").strip()
    if any(button in request.form for button in REARRANGING_BUTTONS):
        return _render_form(request.form, chosen, query=query)
    address, subscription, errors = _parse_form(parts())
    if address is None or subscription is None:
        return _render_form(request.form, chosen, errors=errors), 422
    wording = _("We send one mail with a link to confirm. Nothing else comes until you have clicked it.")
    sign_up = SubscriptionRequest(address, subscription, request.remote_addr or "", wording)
    p = parts()
    letter_requests.record_subscription(p.db, sign_up, p.clock())
    enqueue(TaskName.SEND_LETTERS)
    return redirect(url_for("web.sent"), 303)


@bp.get("/sent")
def sent() -> PageResponse:
    """The page after every form that may send a mail."""
    return render_template("web/sent.html", outbox=is_outbox_open())


@bp.get("/link")
def link() -> PageResponse:
    """The form that sends subscribers the link to their preferences."""
    return render_template("web/link.html", email="", errors={})


@bp.post("/link", endpoint="link_post")
def link_post() -> PageResponse:
    """Send a subscriber the link to their preferences. Others get the same response and no mail."""
    p = parts()
    email = request.form.get("email", "")
    try:
        address = parse_address(email)
    except InvalidInputError as error:
        return render_template("web/link.html", email=email, errors={"email": translate_message(error)}), 422
    letter_requests.record_link(p.db, address, origin=request.remote_addr or "", now=p.clock())
    enqueue(TaskName.SEND_LETTERS)
    return redirect(url_for("web.sent"), 303)


def _parse_form(p: Parts) -> tuple[EmailAddress | None, Subscription | None, dict[str, str]]:
    errors: dict[str, str] = {}
    address = subscription = None
    try:
        address = parse_address(request.form.get("email", ""))
    except InvalidInputError as error:
        errors["email"] = translate_message(error)
    try:
        subscription = subscription_form.read_subscription_form(
            request.form,
            p.tree,
            languages=p.languages,
            default_kinds=p.default_kinds,
            current=Subscription((), language=digest_language()),
        )
    except InvalidSubscriptionError as error:
        errors |= {field: translate_message(text) for field, text in error.errors.items()}
    return address, subscription, errors


def _render_form(
    values: Mapping[str, str],
    chosen: Sequence[str],
    *,
    query: str = "",
    errors: Mapping[str, str] | None = None,
) -> str:
    return render_template(
        "web/join.html",
        form=values,
        errors=errors or {},
        sample_url=_sample_url(),
        outbox=is_outbox_open(),
        popular=popular_regions(parts().tree, page_language()),
        about=count_line(request.form or request.args) if chosen else "",
        **subscription_fields(chosen, query, DEFAULT_CONTENT),
    )


def subscription_fields(chosen: Sequence[str], query: str, content: ContentChoices) -> dict[str, Any]:
    """The template values of the fields for regions, content and times. `chosen` is in the order of the digest."""
    p = parts()
    with p.db.read() as tx:
        of_sources = sources.languages(tx)
    offer = FormOffer(
        p.tree, page_language(), p.languages, of_sources, p.default_kinds, digest_language(), p.clock()
    )
    return subscription_form.subscription_fields(offer, request.form, chosen, query, content)


def _sample_url() -> str:
    with parts().db.read() as tx:
        digest = editions.sample_digest(tx)
    return url_for("web.read", public_id=digest.public_id) if digest else ""
