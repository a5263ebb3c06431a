"""The list of subscribers: search, filters, orders and pages."""

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from digest.accounts.states import Role
from digest.admin import subscriber_columns, subscriber_filters, typed_forms
from digest.admin.blueprint import bp
from digest.admin.form_choices import page_language, region_options
from digest.admin.template_filters import Pager
from digest.admin.texts import translated
from digest.errors import InvalidInputError
from digest.i18n.locales import language_name
from digest.list_pages import ListPage
from digest.parts import parts
from digest.subscribers.bulk import changes
from digest.subscribers.descriptions import describe_hour, describe_regions
from digest.subscribers.models import Subscriber
from digest.subscribers.states import Cadence, SubscriberState
from digest.subscribers.store import listing
from digest.subscribers.store.listing import Order, SubscriberFilter


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """A row of the list: a subscriber, and their regions, schedule and language in words."""

    subscriber: Subscriber
    regions: str
    schedule: str
    language: str


@bp.get("/subscribers")
def subscribers() -> str:
    """The subscribers that match the filters."""
    args = request.args
    try:
        chosen = subscriber_filters.parse_filter(args)
    except InvalidInputError as error:
        typed_forms.fail("filter", _wrong_field(translated(error)), translated(error))
        chosen = None
    order = subscriber_filters.parse_order(args)
    return render_list(args, chosen, order)


def render_list(args: "MultiDict[str, str]", chosen: SubscriberFilter | None, order: Order) -> str:
    """The page with the subscribers that match; none if the filter is wrong."""
    page: ListPage[Subscriber] = ListPage()
    total, languages = 0, list[str]()
    with parts().db.read() as tx:
        languages = listing.languages(tx)
        if chosen is not None:
            after, before = args.get("after", "")[:320], args.get("before", "")[:320]
            page, total = listing.search(tx, chosen, order, after=after, before=before)
    filters = subscriber_filters.filter_values(args)
    values = filters | ({} if order is Order.NEWEST else {"sort": order.value})
    return render_template(
        "admin/subscribers.html",
        rows=[_row(subscriber) for subscriber in page.rows],
        total=total,
        max_counted=listing.MAX_COUNTED,
        filters=filters,
        args=args,
        order=order,
        orders=tuple(Order),
        states=tuple(SubscriberState),
        cadences=tuple(Cadence),
        languages=[(code, language_name(code)) for code in languages],
        region_nodes=region_options(),
        no_digest_days=subscriber_filters.NO_DIGEST_DAYS,
        columns=subscriber_columns.shown_columns(args),
        column_names=subscriber_columns.column_names(),
        undoable=changes.undoable(parts().db, parts().clock()) if current_user.may(Role.MANAGER) else [],
        pages=Pager(_url(values, before=page.newer), _url(values, after=page.older), ""),
    )


def _row(subscriber: Subscriber) -> SubscriberRow:
    language = page_language()
    schedule = describe_hour(subscriber, language)
    regions = describe_regions(parts().tree, subscriber.preferences.regions, language)
    return SubscriberRow(subscriber, regions, schedule, language_name(subscriber.preferences.language))


def _url(values: dict[str, str], **key: str) -> str:
    """The address of the page with a key; "" without one."""
    if not any(key.values()):
        return ""
    arguments: dict[str, str] = {**values, **key}
    return url_for("admin.subscribers", **arguments)  # type: ignore[arg-type]  # fields of the form, none is special


def _wrong_field(error: str) -> str:
    """The field that an error names: the days, if it is no error of a number of days."""
    until = request.args.get("joined_until", "")
    return "joined_until" if until and f'"{until[:20]}"' in error else "joined_from"
