"""The reckoning of an edition: every delivery that was due is accounted for, to the reader."""

from collections.abc import Mapping
from dataclasses import dataclass

OPEN = ("planned", "claimed")
ENDED = (
    "accepted",
    "refused",
    "expired",
    "skipped",
    "in_doubt",
    "cancelled",
)  # in the order in which they are told


@dataclass(frozen=True, slots=True)
class Reckoning:
    """due = ended + open."""

    due: int
    ended: tuple[tuple[str, int], ...]
    open: int

    @property
    def balanced(self) -> bool:
        """Whether nothing is in a state that nobody knows of."""
        return self.due == sum(count for _, count in self.ended) + self.open


def reckon(counts: Mapping[str, int]) -> Reckoning:
    """Of an edition's deliveries by state. What nobody was in is left out, but for the accepted."""
    ended = tuple(
        (state, counts.get(state, 0)) for state in ENDED if counts.get(state) or state == "accepted"
    )
    return Reckoning(sum(counts.values()), ended, sum(counts.get(state, 0) for state in OPEN))


def in_words(reckoning: Reckoning) -> str:
    """ "20,000 due = 19,400 accepted + 600 refused", for logs and commands."""
    told = [f"{count:,} {state.replace('_', ' ')}" for state, count in reckoning.ended]
    told += [f"{reckoning.open:,} open"] if reckoning.open else []
    return f"{reckoning.due:,} due = {' + '.join(told)}"
