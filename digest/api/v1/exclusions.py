"""Words that never mean a country: listed, excluded, and no longer excluded, as in the newsroom."""

from flask import Response

from digest.accounts.audit import Change
from digest.api.v1.access import token_holder
from digest.api.v1.answers import Page, PageQuery, answer, page_answer, read_id_cursor
from digest.api.v1.operations import operation
from digest.api.v1.reading import InvalidValuesError
from digest.api.v1.schemas.exclusions import ExclusionChanged, ExclusionOut, NewExclusion
from digest.api.v1.trail import record
from digest.articles import exclusion_changes
from digest.articles.exclusion_changes import ExclusionChange
from digest.articles.store import exclusions as uses_store
from digest.parts import parts
from digest.regions.custom_groups import ChangeAuthor
from digest.regions.models import TagExclusion
from digest.regions.pure.exclusions import Exclusion
from digest.regions.store import exclusions as store
from digest.task_names import TaskName
from digest.tasks import enqueue

LINK = "/admin/exclusions"


@operation("GET", "/exclusions", tag="regions", answer=Page[ExclusionOut])
def list_exclusions(query: PageQuery) -> Response:
    """List the words that never mean a country.

    The newest come first.
    """
    with parts().db.read() as tx:
        rows = store.rows_before(tx, before=read_id_cursor(query), limit=query.limit)
        uses = uses_store.uses(tx, [row.id for row in rows])
    return page_answer([ExclusionOut.of(row, uses.get(row.id)) for row in rows], query, ExclusionOut)


@operation(
    "POST",
    "/exclusions",
    tag="regions",
    answer=ExclusionChanged,
    statuses=(201,),
    problems=(409,),
    repeatable=True,
)
def exclude_words(json: NewExclusion) -> Response:
    """Say that words never mean a country.

    The newest articles that no digest has had are tagged again at once, the others by the worker. 409 if the words are
    excluded already.
    """
    p = parts()
    if json.country not in p.tree.get("world").countries:
        raise InvalidValuesError(
            {"/country": f'"{json.country}" is no country that articles are tagged with.'}
        )
    wanted = Exclusion(0, json.words, json.country, json.source_id)
    author = ChangeAuthor(token_holder().actor().name, p.clock())
    change = exclusion_changes.add(p.db, p.ingest.tagger, wanted, author)
    row = change.exclusion
    _let_worker_tag(change)
    record("words excluded", row.words, link=LINK, change=Change(after=_values(row)))
    return answer(ExclusionChanged.of(change), 201)


@operation("DELETE", "/exclusions/<int:exclusion_id>", tag="regions", answer=ExclusionChanged)
def remove_exclusion(exclusion_id: int) -> Response:
    """Let words mean a country again.

    The newest articles that no digest has had are tagged again at once, the others by the worker.
    """
    p = parts()
    change = exclusion_changes.remove(p.db, p.ingest.tagger, exclusion_id, p.clock())
    _let_worker_tag(change)
    record(
        "excluded words removed",
        change.exclusion.words,
        link=LINK,
        change=Change(before=_values(change.exclusion)),
    )
    return answer(ExclusionChanged.of(change))


def _let_worker_tag(change: ExclusionChange) -> None:
    if change.untagged:
        enqueue(TaskName.TAG_WAITING)


def _values(row: TagExclusion) -> dict[str, object]:
    return {"words": row.words, "country": row.country, "source": row.source_id}
