"""Queries over figures: numbers that tasks and pages keep, so that a scrape counts nothing."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import delete, select

from digest.database import Tx, chunked, dialect_insert
from digest.monitoring.models import Figure

MAX_LABELS_LENGTH = 512  # characters of the column


class StoredFigure(NamedTuple):
    """A figure and its labels."""

    name: str
    labels: Mapping[str, str]
    value: float


def encode_labels(labels: Mapping[str, str]) -> str:
    """The labels as they are stored: the same labels give the same text."""
    return json.dumps(dict(sorted(labels.items())), separators=(",", ":"))[:MAX_LABELS_LENGTH]


def add(tx: Tx, amounts: Mapping[tuple[str, str], float]) -> None:
    """Add amounts to figures, by name and encoded labels.

    They are sorted, so that two processes that add to the same rows don't wait for each other in a circle.
    """
    rows = [
        {"name": name, "labels": labels, "value": value} for (name, labels), value in sorted(amounts.items())
    ]
    for chunk in chunked(rows, 100):
        statement = dialect_insert(tx, Figure).values(chunk)
        added = {"value": Figure.value + statement.excluded.value}
        tx.execute(statement.on_conflict_do_update(index_elements=["name", "labels"], set_=added))


def replace(tx: Tx, name: str, values: Mapping[str, float]) -> None:
    """Replace all figures of a name. `values` are by encoded labels."""
    tx.execute(delete(Figure).where(Figure.name == name))
    rows = [
        {"name": name, "labels": labels, "value": float(value)} for labels, value in sorted(values.items())
    ]
    for chunk in chunked(rows, 100):
        statement = dialect_insert(tx, Figure).values(chunk)
        same = {"value": statement.excluded.value}
        tx.execute(statement.on_conflict_do_update(index_elements=["name", "labels"], set_=same))


def list_figures(tx: Tx) -> Sequence[StoredFigure]:
    """All figures, by name and labels."""
    rows = tx.execute(select(Figure.name, Figure.labels, Figure.value).order_by(Figure.name, Figure.labels))
    return [StoredFigure(name, json.loads(labels), value) for name, labels, value in rows]
