"""The webhooks: where messages about what happens are posted, and what came of each. Only for admins.

A webhook's secret is shown once, in the answer to the form that added it.
"""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.form_fields import NewsroomForm
from digest.admin.template_filters import make_pager, page_number
from digest.admin.texts import translated
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts
from digest.webhooks import endpoints, store
from digest.webhooks.models import WebhookEndpoint
from digest.webhooks.states import EndpointState, EventType

MAX_URL_LENGTH = 1000


def _box(event: EventType) -> str:
    """The name of an event's field: `subscriber_joined`. Each has one, so that no field is sent twice."""
    return event.value.replace(".", "_")


class WebhookForm(NewsroomForm):
    """A new webhook, with a box for each event (below)."""

    url = StringField(__("Address"), [DataRequired(__("Enter an address.")), Length(max=MAX_URL_LENGTH)])

    def events(self) -> list[EventType]:
        """The events that are ticked."""
        return [event for event in EventType if self[_box(event)].data]


EVENT_LABELS = {
    EventType.SUBSCRIBER_JOINED: __("somebody has confirmed a subscription"),
    EventType.SUBSCRIBER_CHANGED: __("a subscriber gets something else, or at another time"),
    EventType.SUBSCRIBER_LEFT: __("a subscriber has unsubscribed"),
    EventType.SUBSCRIBER_BOUNCED: __("mails to a subscriber bounce, and nothing is sent any more"),
    EventType.SUBSCRIBER_COMPLAINED: __("a subscriber has reported a mail as spam"),
    EventType.SUBSCRIBER_ERASED: __("a subscriber is erased"),
    EventType.EDITION_PLANNED: __("an edition is planned"),
    EventType.EDITION_SENT: __("an edition is sent"),
    EventType.EDITION_STOPPED: __("an edition has paused itself, or was cancelled"),
    EventType.SOURCE_IN_TROUBLE: __("a source can't be fetched any more"),
    EventType.ARTICLES_HELD: __("articles wait for an editor"),
}
for _event in EventType:
    setattr(WebhookForm, _box(_event), BooleanField(EVENT_LABELS[_event]))


@bp.get("/webhooks")
def webhooks() -> str:
    """All webhooks, and a form for another one."""
    return _render_page(WebhookForm(formdata=None))


@bp.post("/webhooks")
def add_webhook() -> ResponseReturnValue:
    """Add a webhook and show its secret, this once."""
    form, p = WebhookForm(), parts()
    if not form.validate_on_submit():
        return _render_page(form), 422
    url = form.url.data.strip()
    try:
        secret = endpoints.add(p.db, url, form.events(), key=p.settings.secret_key, now=p.clock())
    except (InvalidInputError, ConflictError) as error:
        form.add_error("url", translated(error))
        return _render_page(form), 422
    record_action("webhook added", url)
    return render_template("admin/new_webhook.html", url=url, secret=secret)


@bp.get("/webhooks/<int:endpoint_id>")
def webhook(endpoint_id: int) -> str:
    """A webhook, and the newest messages to it with every attempt."""
    page = page_number()
    with parts().db.read() as tx:
        endpoint = store.endpoint_by_id(tx, endpoint_id)
        messages, total = store.messages_of(tx, endpoint_id, page=page)
        attempts = store.attempts_of(tx, [message.id for message in messages])
    return render_template(
        "admin/webhook.html",
        endpoint=endpoint,
        events=[EVENT_LABELS[EventType(event)] for event in endpoint.events],
        log=messages,
        attempts=attempts,
        pages=make_pager(total, store.PAGE_SIZE, messages),
    )


@bp.post("/webhooks/<int:endpoint_id>/state")
def set_webhook_state(endpoint_id: int) -> Response:
    """Disable a webhook, or enable it again."""
    p, state = parts(), request.form.get("state", "")
    url = _load(endpoint_id).url
    if state == EndpointState.ACTIVE:
        endpoints.enable(p.db, endpoint_id)
        flash(_("What happens from now on is posted to %(url)s.", url=url), "success")
    elif state == EndpointState.DISABLED:
        endpoints.disable(p.db, endpoint_id)
        flash(_("Nothing is posted to %(url)s until you enable it.", url=url), "success")
    else:
        raise InvalidInputError(f'"{state[:20]}" is neither active nor disabled.')
    record_action(f"webhook {'enabled' if state == EndpointState.ACTIVE else 'disabled'}", url)
    return redirect(url_for("admin.webhook", endpoint_id=endpoint_id))


@bp.post("/webhooks/<int:endpoint_id>/replay")
def replay_message(endpoint_id: int) -> Response:
    """Post a message again."""
    p, message_id = parts(), request.form.get("message", "")
    _load(endpoint_id)
    endpoints.replay(p.db, message_id, p.clock())
    record_action("webhook message posted again", message_id)
    flash(_("The message will be posted again within a minute."), "success")
    return redirect(url_for("admin.webhook", endpoint_id=endpoint_id))


@bp.get("/webhooks/<int:endpoint_id>/remove")
def confirm_remove_webhook(endpoint_id: int) -> str:
    """Explain what removing does before it is done."""
    return render_template(
        "admin/ask.html",
        section="admin.webhooks",
        question=_("Remove the webhook %(url)s?", url=_load(endpoint_id).url),
        consequence=_(
            "Nothing is posted there any more, and its messages are deleted. This can't be undone."
        ),
        confirm_label=_("Remove"),
        cancel_url=url_for("admin.webhook", endpoint_id=endpoint_id),
    )


@bp.post("/webhooks/<int:endpoint_id>/remove")
def remove_webhook(endpoint_id: int) -> Response:
    """Remove a webhook."""
    url = _load(endpoint_id).url
    endpoints.remove(parts().db, endpoint_id)
    record_action("webhook removed", url)
    flash(_("The webhook %(url)s is removed.", url=url), "success")
    return redirect(url_for("admin.webhooks"))


def _load(endpoint_id: int) -> WebhookEndpoint:
    with parts().db.read() as tx:
        return store.endpoint_by_id(tx, endpoint_id)


def _render_page(form: WebhookForm) -> str:
    with parts().db.read() as tx:
        rows = store.list_endpoints(tx)
    boxes = [(event.value, form[_box(event)]) for event in EventType]
    return render_template("admin/webhooks.html", webhooks=rows, form=form, boxes=boxes)
