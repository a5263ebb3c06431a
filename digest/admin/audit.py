"""The audit trail; only admins see it."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request, url_for

from digest.accounts.models import AuditEntry
from digest.accounts.states import Face
from digest.accounts.store import audit as store
from digest.accounts.store.audit import AuditFilters
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.dates import DAY, parse_day
from digest.admin.template_filters import make_pager, page_number
from digest.admin.texts import translated
from digest.database import Database
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.subscribers.csv_cells import escape_cell

COLUMNS = ("at", "account", "action", "target", "face", "event", "network", "link", "before", "after")


EXPORT_KINDS = ("csv", "jsonl")
FILTER_NAMES = ("account", "q", "face", "since", "until", "security")


@bp.get("/audit")
def audit() -> str | tuple[str, int]:
    """The entries that match the filters, newest first."""
    problem = ""
    try:
        filters = _filters()
    except InvalidInputError as error:
        filters, problem = AuditFilters(), translated(error)
    with parts().db.read() as tx:
        entries, total = store.audit_trail(tx, page=page_number(), filters=filters)
    page = render_template(
        "admin/audit.html",
        entries=entries,
        pages=make_pager(total, store.PAGE_SIZE, entries),
        total=total,
        filters=request.args,
        export_urls={kind: _export_url(kind) for kind in EXPORT_KINDS},
        filtered=filters != AuditFilters(),
        problem=problem,
        faces=tuple(Face),
    )
    return (page, 422) if problem else page


@bp.get("/audit.<any(csv, jsonl):kind>")
def export_audit(kind: str) -> Response:
    """The matching entries, oldest first, as CSV or as JSON lines. That they were taken is an entry too."""
    record_action("audit trail exported", kind)
    entries = _all_entries(parts().db, _filters())
    lines = _csv_lines(entries) if kind == "csv" else _json_lines(entries)
    response = Response(lines, mimetype="text/csv" if kind == "csv" else "application/jsonl")
    response.headers["Content-Disposition"] = f'attachment; filename="audit.{kind}"'
    return response


def _export_url(kind: str) -> str:
    chosen: dict[str, Any] = {name: request.args[name] for name in FILTER_NAMES if request.args.get(name)}
    return url_for("admin.export_audit", kind=kind, **chosen)


def _filters() -> AuditFilters:
    args = request.args
    until = parse_day(args.get("until", ""))
    return AuditFilters(
        account=args.get("account", "").strip(),
        text=args.get("q", "").strip(),
        face=args.get("face", ""),
        since=parse_day(args.get("since", "")),
        until=until + DAY if until else None,
        security_only=args.get("security", "") == "1",
    )


def _all_entries(db: Database, filters: AuditFilters) -> Iterator[dict[str, Any]]:
    """All entries, in batches, so that an export of any length needs little memory and holds no transaction open."""
    last_id = 0
    while True:
        with db.read() as tx:
            entries = store.batch(tx, filters, last_id)
        yield from map(_as_dict, entries)
        if len(entries) < store.BATCH_SIZE:
            return
        last_id = entries[-1].id


def _as_dict(entry: AuditEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in COLUMNS}
    return {**values, "at": entry.at.isoformat()}


def _json_lines(entries: Iterator[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        yield json.dumps(entry, ensure_ascii=False) + "\n"


def _csv_lines(entries: Iterator[dict[str, Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for entry in entries:
        yield _take(buffer)
        values = [entry[name] for name in COLUMNS]
        writer.writerow([escape_cell(_cell(value)) for value in values])
    yield _take(buffer)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _take(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
