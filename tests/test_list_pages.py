"""Pages by key: whatever the length of a list and of its pages, each row is on one page, forth and back."""

from hypothesis import given
from hypothesis import strategies as st

from digest.list_pages import ListPage, make_page


def read(rows: list[int], size: int, *, after: str = "", before: str = "") -> ListPage[int]:
    """The page of a list of numbers that ascend, as a store reads it."""
    if before:
        found = [row for row in reversed(rows) if row < int(before)]
    else:
        found = [row for row in rows if row > int(after or -1)]
    return make_page(found[: size + 1], size, str, backwards=bool(before), is_first=not after and not before)


@given(st.sets(st.integers(0, 1000), max_size=30), st.integers(1, 7))
def test_each_row_is_on_one_page_and_the_way_back_has_the_same_pages(numbers: set[int], size: int) -> None:
    rows = sorted(numbers)
    pages = [read(rows, size)]
    while pages[-1].older:
        pages.append(read(rows, size, after=pages[-1].older))
    assert [row for page in pages for row in page.rows] == rows
    assert all(len(page.rows) == size for page in pages[:-1])
    assert pages[0].newer == ""
    back = [pages[-1]]
    while back[-1].newer:
        back.append(read(rows, size, before=back[-1].newer))
    assert [list(page.rows) for page in reversed(back)] == expected_back(rows, len(pages[-1].rows), size)


def expected_back(rows: list[int], last: int, size: int) -> list[list[int]]:
    """The pages when the last has `last` rows and the others, from the end, have `size`."""
    kept = rows[: len(rows) - last]
    starts = range(len(kept) % size or size, len(kept) + 1, size) if kept else ()
    return [kept[max(0, end - size) : end] for end in starts] + [rows[len(rows) - last :]]
