"""The order of a subscriber's regions, as a form changes it. The digest shows its sections in this order."""

from collections.abc import Iterable, Sequence


def arrange_regions(ticked: Iterable[str], order: Iterable[str], move: str = "") -> tuple[str, ...]:
    """The ticked regions, each once: first those in `order`, then the others as they come.

    `move` is what a button of the form sends: "up SLUG" or "down SLUG". Any other value moves nothing.
    """
    chosen = dict.fromkeys(ticked)
    arranged = [slug for slug in dict.fromkeys(order) if slug in chosen]
    arranged += [slug for slug in chosen if slug not in set(arranged)]
    return tuple(_move(arranged, move))


def _move(slugs: Sequence[str], move: str) -> Sequence[str]:
    direction, _, slug = move.partition(" ")
    step = {"up": -1, "down": 1}.get(direction)
    if step is None or slug not in slugs:
        return slugs
    moved = list(slugs)
    place = moved.index(slug)
    neighbour = place + step
    if 0 <= neighbour < len(moved):
        moved[place], moved[neighbour] = moved[neighbour], moved[place]
    return moved
