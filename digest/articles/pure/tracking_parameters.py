"""Removes the query parameters that say where a visitor came from. `data/tracking_parameters.toml` lists them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote_plus

DATA = Path(__file__).parent.parent / "data" / "tracking_parameters.toml"


@dataclass(frozen=True, slots=True)
class _Rules:
    prefixes: tuple[str, ...]
    names: frozenset[str]
    channel_names: frozenset[str]
    channels: frozenset[str]
    hosts: Mapping[str, frozenset[str]]


def without_tracking(query: str, host: str) -> str:
    """The query of an address at `host` without tracking parameters, and otherwise as it was.

    >>> without_tracking("id=1&utm_source=rss&from=rss&maca=en", "news.example")
    'id=1'
    """
    if not query:
        return ""
    rules = _rules()
    of_host = _names_of_host(host)
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair, rules, of_host))


def _is_tracking(pair: str, rules: _Rules, of_host: frozenset[str]) -> bool:
    name, _, value = pair.partition("=")
    name = unquote_plus(name).lower()
    if name.startswith(rules.prefixes) or name in rules.names or name in of_host:
        return True
    return name in rules.channel_names and unquote_plus(value).lower() in rules.channels


@lru_cache(maxsize=10_000)  # publishers name the hosts, and can name any number of them
def _names_of_host(host: str) -> frozenset[str]:
    """The parameters of a host and of those above it."""
    labels = host.lower().split(".")
    parents = (".".join(labels[index:]) for index in range(len(labels) - 1))
    return frozenset().union(*(_rules().hosts.get(parent, frozenset()) for parent in parents))


@cache
def _rules() -> _Rules:
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return _Rules(
        prefixes=tuple(data["prefixes"]),
        names=frozenset(data["names"]),
        channel_names=frozenset(data["channel_names"]),
        channels=frozenset(data["channels"]),
        hosts={host: frozenset(names) for host, names in data["hosts"].items()},
    )
