"""Editions: reading them, their progress, digests and deliveries; previews; and how many an audience reaches."""

from datetime import timedelta

from flask import Response

from digest.api.v1.answers import Page, PageQuery, answer, page_answer, read_id_cursor
from digest.api.v1.operations import operation
from digest.api.v1.reading import InvalidValuesError
from digest.api.v1.schemas.sending import (
    DeliveryOut,
    DeliveryQuery,
    DigestOut,
    EditionFeedback,
    EditionOut,
    EditionQuery,
    PreviewBody,
    PreviewOut,
    PreviewStoryOut,
    Progress,
    Reach,
    ReachBody,
)
from digest.api.v1.subscriptions import read_regions
from digest.deliveries.oversight import sending_rate
from digest.deliveries.planning import manual_editions
from digest.deliveries.previews import digest_preview
from digest.deliveries.pure.audience import Audience
from digest.deliveries.pure.totals import compute_totals, format_totals
from digest.deliveries.store import deliveries
from digest.deliveries.store import pages as delivery_pages
from digest.editions.pure.edition_spec import PreferencesSpec
from digest.editions.store import editions as store
from digest.editions.store import pages
from digest.errors import ConflictError
from digest.feedback.store import counts as feedback_counts
from digest.parts import parts
from digest.subscribers.pure.content_choices import ContentChoices


@operation("GET", "/editions", tag="editions", answer=Page[EditionOut])
def list_editions(query: EditionQuery) -> Response:
    """List editions.

    The newest come first.
    """
    with parts().db.read() as tx:
        before = read_id_cursor(query)
        rows = pages.editions_before(tx, query.kind, query.state, before=before, limit=query.limit)
    return page_answer([EditionOut.of(row) for row in rows], query, EditionOut)


@operation("GET", "/editions/<int:edition_id>", tag="editions", answer=EditionOut)
def get_edition(edition_id: int) -> Response:
    """Get an edition."""
    with parts().db.read() as tx:
        return answer(EditionOut.of(store.by_id(tx, edition_id)))


@operation("GET", "/editions/<int:edition_id>/progress", tag="editions", answer=Progress)
def get_progress(edition_id: int) -> Response:
    """Get the progress of an edition.

    Quick also for a million deliveries, so it may be asked for every few seconds.
    """
    p = parts()
    with p.db.read() as tx:
        row = store.by_id(tx, edition_id)
        counts = deliveries.count_by_state(tx, [edition_id])[edition_id]
        rate = sending_rate.current_rate(tx, edition_id, p.clock())
    totals = compute_totals(counts)
    return answer(
        Progress(
            state=row.state,
            due=totals.due,
            by_state=counts,
            open=totals.open,
            per_second=round(rate, 1),
            summary=format_totals(totals),
        )
    )


@operation("GET", "/editions/<int:edition_id>/feedback", tag="editions", answer=EditionFeedback)
def get_edition_feedback(edition_id: int) -> Response:
    """Count the feedback about an edition.

    It comes in over days. `GET /feedback?edition=` lists it, with the mails that were refused at once.
    """
    with parts().db.read() as tx:
        store.by_id(tx, edition_id)
        counts = feedback_counts.count_by_edition(tx, [edition_id])[edition_id]
    return answer(EditionFeedback.model_validate(counts._asdict()))


@operation("GET", "/editions/<int:edition_id>/digests", tag="editions", answer=Page[DigestOut])
def list_digests(edition_id: int, query: PageQuery) -> Response:
    """List the digests of an edition."""
    with parts().db.read() as tx:
        store.by_id(tx, edition_id)
        rows = pages.digests_after(tx, edition_id, after=read_id_cursor(query), limit=query.limit)
    return page_answer([DigestOut.of(row) for row in rows], query, DigestOut)


@operation("GET", "/editions/<int:edition_id>/deliveries", tag="editions", answer=Page[DeliveryOut])
def list_deliveries(edition_id: int, query: DeliveryQuery) -> Response:
    """List the deliveries of an edition.

    They are kept for RETENTION_DAYS; after that only their counts are, in the progress.
    """
    with parts().db.read() as tx:
        store.by_id(tx, edition_id)
        after = read_id_cursor(query)
        rows = delivery_pages.deliveries_after(tx, edition_id, query.state, after=after, limit=query.limit)
    return page_answer([DeliveryOut.of(row) for row in rows], query, DeliveryOut)


@operation("POST", "/audiences/count", tag="editions", answer=Reach)
def count_audience(json: ReachBody) -> Response:
    """Count whom an edition would reach.

    With the code that plans. Changes nothing.
    """
    p = parts()
    audience = read_audience(json.kind, json.regions)
    reach = manual_editions.count_audience(p.db, p.planner(), audience, p.clock(), hours=json.hours)
    return answer(Reach.model_validate(reach))


@operation("POST", "/previews", tag="editions", answer=PreviewOut, problems=(409,))
def preview(json: PreviewBody) -> Response:
    """Preview a digest.

    With the code that sends. Changes nothing. 409 if nothing was published about the regions.
    """
    p = parts()
    now = p.clock()
    window = digest_preview.TimeWindow(now - timedelta(hours=json.hours), now)
    request = digest_preview.PreviewRequest(
        read_preferences(json), window, json.note, has_day_notes=not json.note
    )
    rendered = digest_preview.preview_regions(p.db, p.sending, request)
    if rendered is None:
        raise ConflictError(f"Nothing was published about these regions in the last {json.hours} hours.")
    return answer(
        PreviewOut(
            subject=rendered.subject,
            preheader=rendered.preheader,
            stories=[PreviewStoryOut.model_validate(story) for story in rendered.stories],
            html=rendered.html,
            text=rendered.text,
        )
    )


def read_audience(kind: str, regions: list[str]) -> Audience:
    """An audience of subscribers. Raises InvalidValuesError for an unknown region."""
    slugs = read_regions(regions)
    return (
        Audience("regions", slugs) if kind == "regions" else Audience("due" if kind == "due" else "everyone")
    )


def read_preferences(body: PreviewBody) -> PreferencesSpec:
    """The preferences in a request. Raises InvalidValuesError for an unknown region or language."""
    p = parts()
    if body.language not in p.languages:
        raise InvalidValuesError(
            {"/language": f'"{body.language}" is not offered; there is {", ".join(p.languages)}'}
        )
    slugs = read_regions(body.regions)
    kinds = None if body.kinds is None else tuple(body.kinds)
    return PreferencesSpec(slugs, body.language, body.size, ContentChoices(kinds))
