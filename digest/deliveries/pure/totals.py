"""The totals of an edition: each of its deliveries is counted in one state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from digest.deliveries.states import FINAL_STATES, DeliveryState


class StateCount(NamedTuple):
    """How many deliveries are in a state."""

    state: DeliveryState
    deliveries: int


@dataclass(frozen=True, slots=True)
class DeliveryTotals:
    """An edition's deliveries: due = the sum of `ended` + open."""

    due: int
    ended: tuple[StateCount, ...]
    open: int


def compute_totals(counts: Mapping[DeliveryState, int]) -> DeliveryTotals:
    """The totals from an edition's deliveries by state. States without deliveries are left out, except accepted."""
    ended = tuple(
        StateCount(state, counts.get(state, 0))
        for state in FINAL_STATES
        if counts.get(state) or state == DeliveryState.ACCEPTED
    )
    return DeliveryTotals(sum(counts.values()), ended, counts.get(DeliveryState.PLANNED, 0))


def format_totals(totals: DeliveryTotals) -> str:
    """The totals for logs and commands: "20,000 due = 19,400 accepted + 600 refused"."""
    terms = [f"{count:,} {state.replace('_', ' ')}" for state, count in totals.ended]
    terms += [f"{totals.open:,} open"] if totals.open else []
    return f"{totals.due:,} due = {' + '.join(terms)}"
