"""Pages of long lists by key: a page begins behind the row that the page before ended with, and nothing is skipped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Row]):
    """A page of a list, and the keys of the pages beside it ("": there is none)."""

    rows: Sequence[Row] = ()
    newer: str = ""
    older: str = ""


def make_page(
    found: Sequence[Row], size: int, key: Callable[[Row], str], *, backwards: bool, is_first: bool
) -> ListPage[Row]:
    """The page of the first `size` rows that were found; one more shows that there are further rows that way.

    `backwards`: they were read from a page towards the beginning of the list, the nearest first. `is_first`: they were
    read from its beginning.
    """
    has_more, rows = len(found) > size, found[:size]
    if not rows:
        return ListPage()
    if backwards:
        rows = rows[::-1]
    has_newer, has_older = (has_more, True) if backwards else (not is_first, has_more)
    return ListPage(rows, key(rows[0]) if has_newer else "", key(rows[-1]) if has_older else "")
