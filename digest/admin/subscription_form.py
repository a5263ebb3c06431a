"""The form of a subscription in the newsroom: what a reader can choose, on the pages that add and change one."""

from collections.abc import Mapping, Sequence

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from digest.admin.form_choices import page_language
from digest.admin.texts import translated
from digest.parts import parts
from digest.sources.store import sources
from digest.subscribers import subscription_form
from digest.subscribers.preference_fields import chosen_regions
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT
from digest.subscribers.pure.subscription import InvalidSubscriptionError, Subscription
from digest.subscribers.subscription_form import REARRANGING_BUTTONS, FormOffer


def only_rearranges() -> bool:
    """Whether the button that sent the form only searches regions or arranges the chosen ones."""
    return any(button in request.form for button in REARRANGING_BUTTONS)


def read_form(current: Subscription, errors: dict[str, str]) -> Subscription | None:
    """The subscription in the sent form; None if fields are wrong, with a sentence in `errors` for each."""
    p = parts()
    try:
        return subscription_form.read_subscription_form(
            request.form, p.tree, languages=p.languages, default_kinds=p.default_kinds, current=current
        )
    except InvalidSubscriptionError as error:
        errors |= {field: translated(text) for field, text in error.errors.items()}
        return None


def render_form(
    template: str,
    stored: Mapping[str, str],
    current: Subscription | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    sent: "MultiDict[str, str] | None" = None,
    **values: object,
) -> str:
    """A page with the form: what was sent if it was, or `sent` in its place, else what is stored."""
    p, is_sent = parts(), request.method == "POST"
    form = request.form if sent is None else sent
    with p.db.read() as tx:
        of_sources = sources.languages(tx)
    offer = FormOffer(
        p.tree, page_language(), p.languages, of_sources, p.default_kinds, p.languages[0], p.clock()
    )
    chosen: Sequence[str] = chosen_regions(form) if is_sent else current.regions if current else ()
    content = current.content if current else DEFAULT_CONTENT
    query = request.form.get("query", "").strip() if only_rearranges() else ""
    return render_template(
        template,
        form=form if is_sent else stored,
        errors=errors or {},
        **subscription_form.subscription_fields(offer, form, chosen, query, content),
        **values,
    )
