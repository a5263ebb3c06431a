"""Subscriptions: what a subscriber gets and when, read from a form and checked field by field."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from digest.errors import InvalidInputError, NotFoundError, TranslatableText
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices, parse_content
from digest.subscribers.states import Cadence, DigestSize

CADENCES = tuple(cadence.value for cadence in Cadence)
SIZES = tuple(size.value for size in DigestSize)
SEND_TIME_STEP = 15  # minutes; coarse enough that subscribers share slots
MAX_REGIONS = 400  # more than the tree has; only a script sends more
TIME_PATTERN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscriber's preferences (regions, language, size, content) and schedule (cadence, weekday, minute, zone)."""

    regions: tuple[str, ...]
    language: str = "en"
    cadence: Cadence = Cadence.DAILY
    weekday: int = 0
    send_minute: int = 7 * 60
    zone: str = "UTC"
    size: DigestSize = DigestSize.STANDARD
    content: ContentChoices = DEFAULT_CONTENT

    @property
    def preferences_key(self) -> str:
        """The key of the preferences: equal for all subscribers who get the same digest.

        It is a hash of the regions in their order and the other choices. Choices that are the default are left out, so
        that keys from before they could be chosen stay valid.
        """
        values: list[object] = [list(self.regions), self.language]
        if self.size != DigestSize.STANDARD:
            values.append(self.size)
        if self.content != DEFAULT_CONTENT:
            values.append(self.content.as_json())
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:32]

    def as_json(self) -> dict[str, Any]:
        """The subscription as a letter stores it."""
        return asdict(self) | {"content": self.content.as_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Subscription":
        """The subscription that a letter stores."""
        typed = {
            "regions": tuple(data["regions"]),
            "cadence": Cadence(data.get("cadence", Cadence.DAILY)),
            "size": DigestSize(data.get("size", DigestSize.STANDARD)),
            "content": ContentChoices.from_json(data.get("content", {})),
        }
        return cls(**{**data, **typed})


class InvalidSubscriptionError(InvalidInputError):
    """Some fields are invalid; `errors` has a sentence for each of them."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


def add_regions(current: Subscription, asked: Subscription) -> Subscription:
    """The current subscription with the regions of another behind its own, and in its language."""
    regions = tuple(dict.fromkeys((*current.regions, *asked.regions)))
    return replace(current, regions=regions, language=asked.language)


def existing_regions(slugs: Iterable[str], tree: RegionTree) -> tuple[str, ...]:
    """The regions that the tree still has. A region that was removed must not stop an edition."""
    existing = {region.slug for region in tree.all()}
    return tuple(slug for slug in slugs if slug in existing)


def parse_subscription(
    regions: Iterable[str],
    values: Mapping[str, str],
    tree: RegionTree,
    *,
    languages: Iterable[str] = ("en",),
    default_kinds: Collection[str] = (),
) -> Subscription:
    """A subscription from form values: `cadence`, `weekday`, `time` (HH:MM), `zone`, `language`, `size`.

    `regions` are in the order in which the digest shows them. `parse_content` reads the other values. Raises
    InvalidSubscriptionError with all fields that are wrong.
    """
    errors: dict[str, str] = {}
    chosen = _regions(regions, tree, errors)
    cadence = values.get("cadence", CADENCES[0])
    if cadence not in CADENCES:
        errors["cadence"] = TranslatableText(
            'How often: "%(value)s" is none of %(known)s.', value=cadence[:20], known=", ".join(CADENCES)
        )
    size = values.get("size", "") or DigestSize.STANDARD
    if size not in SIZES:
        errors["size"] = TranslatableText(
            'How much: "%(value)s" is none of %(known)s.', value=size[:20], known=", ".join(SIZES)
        )
    weekday = _weekday(values.get("weekday", "") or "0", errors)
    minute = _minute(values.get("time", "07:00"), errors)
    zone = _zone(values.get("zone", "UTC"), errors)
    language = values.get("language", "") or "en"
    if language not in set(languages):
        errors["language"] = TranslatableText('Language: "%(value)s" is not offered.', value=language[:20])
    content = parse_content(values, errors, language=language, default_kinds=default_kinds)
    if errors:
        raise InvalidSubscriptionError(errors)
    return Subscription(chosen, language, Cadence(cadence), weekday, minute, zone, DigestSize(size), content)


@cache
def _zones() -> frozenset[str]:
    """All IANA zones. Cached, because reading them from the file system takes 50 ms."""
    return frozenset(available_timezones())


def _regions(slugs: Iterable[str], tree: RegionTree, errors: dict[str, str]) -> tuple[str, ...]:
    chosen: dict[str, None] = {}  # a set that keeps the subscriber's order
    for slug in list(slugs)[:MAX_REGIONS]:
        try:
            chosen[tree.get(slug).slug] = None
        except NotFoundError as error:
            errors["regions"] = str(error)
    if not chosen and "regions" not in errors:
        errors["regions"] = TranslatableText(
            "Choose at least one region: without one there is nothing to send."
        )
    return tuple(chosen)


def _minute(text: str, errors: dict[str, str]) -> int:
    match = TIME_PATTERN.fullmatch(text)
    minute = int(match[1]) * 60 + int(match[2]) if match else -1
    if minute < 0 or minute % SEND_TIME_STEP:
        errors["time"] = TranslatableText(
            'Time: "%(value)s" is not a time in steps of %(step)s minutes (example: 07:15).',
            value=text[:20],
            step=SEND_TIME_STEP,
        )
    return minute


def _weekday(text: str, errors: dict[str, str]) -> int:
    if text not in set("0123456"):
        errors["weekday"] = TranslatableText(
            'Day of the week: "%(value)s" is not a number from 0 (Monday) to 6 (Sunday).', value=text[:20]
        )
        return 0
    return int(text)


def _zone(name: str, errors: dict[str, str]) -> str:
    if name not in _zones():
        errors["zone"] = TranslatableText(
            'Time zone: there is no "%(value)s" (example: Asia/Tashkent).', value=name[:40]
        )
    return name
