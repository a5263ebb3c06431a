"""Tags a text with groups of countries, by the organisations and parts of the world that it names."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from digest.regions.pure.evidence import TEXT_PART_WEIGHT, Evidence, collect_evidence
from digest.regions.pure.mentions import Mention
from digest.regions.pure.vocabulary import PhraseKind

MOST_GROUPS = 3  # a text that names more is about none of the others
# The share of the weight of the best country or group that a group needs, by the best text part that names it.
# A text that is about a country mentions organisations in passing ("the UN said"), but not in its title.
MIN_SHARE = {"title": 0.3, "dateline": 0.3, "lead": 0.6, "text": 0.9}
# World and continents count only in a text that is about no country: their readers get every country's news anyway,
# and "the largest dam in Africa" is no news about Africa.
COUNTRYLESS_ONLY = frozenset({"world", "africa", "americas", "asia", "europe", "oceania"})


class GroupTag(NamedTuple):
    """A group or region of the tree (its slug) that a text is about. `weight` is in 0..1, as a country's."""

    group: str
    weight: float
    evidence: tuple[Evidence, ...]


def split_groups(mentions: list[Mention]) -> tuple[list[Mention], list[Mention]]:
    """The mentions of countries, and those of groups."""
    groups = [mention for mention in mentions if mention.phrase.kind is PhraseKind.GROUP]
    if not groups:
        return mentions, groups
    return [mention for mention in mentions if mention.phrase.kind is not PhraseKind.GROUP], groups


def select_groups(
    mentions: Collection[Mention], country_weights: Mapping[str, float], title: str, text: str
) -> Iterator[GroupTag]:
    """The groups that a text is about, best first. `country_weights` are of the countries that it is about."""
    by_group: dict[str, list[Mention]] = {}
    for mention in mentions:
        group = mention.phrase.meanings[0][0]
        if not (country_weights and group in COUNTRYLESS_ONLY):
            by_group.setdefault(group, []).append(mention)
    weights = {group: sum(map(_weight, named)) for group, named in by_group.items()}
    best = max([*weights.values(), *country_weights.values()], default=0.0)
    for group in sorted(weights, key=lambda group: (-weights[group], group))[:MOST_GROUPS]:
        named = sorted(by_group[group], key=_weight, reverse=True)
        if weights[group] >= best * min(MIN_SHARE[mention.where] for mention in named):
            yield GroupTag(group, weights[group] / best, collect_evidence(named, title, text))


def _weight(mention: Mention) -> float:
    return TEXT_PART_WEIGHT[mention.where]
