"""The order of the pinned stories."""

from collections.abc import Collection, Sequence


def restored_order(before: Sequence[int], current: Sequence[int], changed: Collection[int]) -> list[int]:
    """The order after a change of some stories is undone: these as `before`, the others as they are now.

    Each of them comes back below the nearest story above it that is still pinned.
    """
    order = [story_id for story_id in current if story_id not in changed]
    for place, story_id in enumerate(before):
        if story_id in changed:
            above = next((one for one in reversed(before[:place]) if one in order), None)
            order.insert(0 if above is None else order.index(above) + 1, story_id)
    return order
