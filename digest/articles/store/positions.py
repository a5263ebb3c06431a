"""Keeps where articles stand in their source's own order."""

from collections.abc import Mapping

from sqlalchemy import update

from digest.articles.models import Article
from digest.database import Tx


def set_positions(tx: Tx, positions: Mapping[int, int | None]) -> None:
    """Record the places of articles, by article id."""
    if positions:
        rows = [
            {"id": article_id, "position": position} for article_id, position in sorted(positions.items())
        ]
        tx.execute(update(Article), rows)
