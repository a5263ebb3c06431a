"""Tells people who open a story from programs that fetch its link. `data/machines.toml` has the rules."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from digest.opens.pure.visits import Visit

DATA = Path(__file__).parent.parent / "data" / "machines.toml"


@dataclass(frozen=True, slots=True)
class BurstRule:
    """This many different stories within this time are a scanner's, not a person's."""

    stories: int
    seconds: float


@dataclass(frozen=True, slots=True)
class MachineRules:
    """What identifies a machine."""

    agents: tuple[str, ...]
    exceptions: tuple[str, ...]
    required_headers: tuple[str, ...]
    ahead: Mapping[str, str]
    allowed: Mapping[str, frozenset[str]]
    bursts: tuple[BurstRule, ...]

    @property
    def longest_burst(self) -> float:
        """The seconds for which a visit must wait until all rules can judge it."""
        return max(rule.seconds for rule in self.bursts)


@cache
def load_rules() -> MachineRules:
    """The rules of the package."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return MachineRules(
        agents=tuple(data["agents"]),
        exceptions=tuple(data["exceptions"]),
        required_headers=tuple(data["required_headers"]),
        ahead=data["ahead"],
        allowed={name: frozenset(values) for name, values in data["allowed"].items()},
        bursts=tuple(BurstRule(**rule) for rule in data["bursts"]),
    )


def is_machine(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request is a program's by itself. The names of headers are written as in the rules."""
    rules = load_rules()
    if method != "GET" or not all(headers.get(name, "").strip() for name in rules.required_headers):
        return True
    agent = headers.get("User-Agent", "").lower()
    for name in rules.exceptions:
        agent = agent.replace(name, "")
    if any(word in agent for word in rules.agents):
        return True
    if any(word in headers.get(name, "").lower() for name, word in rules.ahead.items()):
        return True
    return any(
        name in headers and headers.get(name, "").lower() not in values
        for name, values in rules.allowed.items()
    )


def find_scanners(visits: Sequence[Visit]) -> frozenset[int]:
    """The places of the visits that belong to a burst: the visitor opened too many stories in too little time."""
    by_visitor: defaultdict[str, list[int]] = defaultdict(list)
    for place, visit in enumerate(visits):
        if not visit.is_machine:
            by_visitor[visit.visitor].append(place)
    found: set[int] = set()
    for rule in load_rules().bursts:
        for places in by_visitor.values():
            if len(places) >= rule.stories:
                found |= _in_bursts(visits, places, rule)
    return frozenset(found)


def _in_bursts(visits: Sequence[Visit], places: Sequence[int], rule: BurstRule) -> set[int]:
    """The places of one visitor's visits that some window of the rule's length has too many of."""
    ordered = sorted(places, key=lambda place: visits[place].at)
    found: set[int] = set()
    opened: Counter[int] = Counter()  # articles in the window, and how often each is in it
    first = 0
    for last, place in enumerate(ordered):
        opened[visits[place].article_id] += 1
        while visits[place].at - visits[ordered[first]].at > rule.seconds * 1000:
            article_id = visits[ordered[first]].article_id
            opened[article_id] -= 1
            if not opened[article_id]:
                del opened[article_id]
            first += 1
        if len(opened) >= rule.stories:
            found.update(ordered[first : last + 1])
    return found
