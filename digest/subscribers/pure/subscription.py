"""What a reader asked for: regions, language, cadence and hour, checked field by field."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from digest.errors import InvalidInputError, NotFoundError, Sentence
from digest.regions.tree.region_tree import RegionTree

CADENCES = ("daily", "weekdays", "weekly")
SIZES = (
    "brief",
    "standard",
    "full",
)  # how many stories a mail has at most: digest/editions/pure/selection.py says
STEP = 15  # minutes; as fine as anybody needs, and coarse enough that readers share slots
MAX_REGIONS = 400  # more than the tree has; what lies above is not a reader
TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Wishes:
    """A reader's preferences (regions, language, size) and schedule (cadence, weekday, minute of the day, zone)."""

    regions: tuple[str, ...]
    language: str = "en"
    cadence: str = "daily"
    weekday: int = 0
    send_minute: int = 7 * 60
    zone: str = "UTC"
    size: str = "standard"

    @property
    def preferences_key(self) -> str:
        """Equal for all readers who would get the same digest."""
        return preferences_key(self.regions, self.language, self.size)

    def as_json(self) -> dict[str, Any]:
        """For a letter's row."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Wishes":
        """From a letter's row."""
        return cls(**{**data, "regions": tuple(data["regions"])})


class InvalidWishesError(InvalidInputError):
    """Some fields can't be used; `errors` has a sentence for each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


def preferences_key(regions: Iterable[str], language: str, size: str = "standard") -> str:
    """Hash of what makes a digest: the regions in their order, the language, and the size."""
    told = [list(regions), language] + (
        [size] if size != "standard" else []
    )  # the size came later; keys stay
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def still_known(slugs: Iterable[str], tree: RegionTree) -> tuple[str, ...]:
    """The regions that the tree still has. One that was taken out since must not stop everybody's edition."""
    known = {region.slug for region in tree.all()}
    return tuple(slug for slug in slugs if slug in known)


def read_wishes(
    regions: Iterable[str], values: Mapping[str, str], tree: RegionTree, *, languages: Iterable[str] = ("en",)
) -> Wishes:
    """Read form values `cadence`, `weekday`, `time` (HH:MM), `zone`, `language`, `size`; raises InvalidWishesError."""
    errors: dict[str, str] = {}
    chosen = _regions(regions, tree, errors)
    cadence = values.get("cadence", "daily")
    if cadence not in CADENCES:
        errors["cadence"] = Sentence(
            'How often: "%(value)s" is none of %(known)s.', value=cadence[:20], known=", ".join(CADENCES)
        )
    size = values.get("size", "") or "standard"
    if size not in SIZES:
        errors["size"] = Sentence(
            'How much: "%(value)s" is none of %(known)s.', value=size[:20], known=", ".join(SIZES)
        )
    weekday = values.get("weekday", "") or "0"
    if weekday not in set("0123456"):
        errors["weekday"] = Sentence(
            'Day of the week: "%(value)s" is not a number from 0 (Monday) to 6 (Sunday).', value=weekday[:20]
        )
    minute = _minute(values.get("time", "07:00"), errors)
    zone = values.get("zone", "UTC")
    if zone not in _zones():
        errors["zone"] = Sentence(
            'Time zone: there is no "%(value)s" (example: Asia/Tashkent).', value=zone[:40]
        )
    language = values.get("language", "") or "en"
    if language not in set(languages):
        errors["language"] = Sentence('Language: "%(value)s" is not offered.', value=language[:20])
    if errors:
        raise InvalidWishesError(errors)
    return Wishes(chosen, language, cadence, int(weekday), minute, zone, size)


@cache
def _zones() -> frozenset[str]:
    """Every zone there is: the list is made from the file system, which takes 50 ms."""
    return frozenset(available_timezones())


def _regions(slugs: Iterable[str], tree: RegionTree, errors: dict[str, str]) -> tuple[str, ...]:
    chosen = set()
    for slug in list(slugs)[:MAX_REGIONS]:
        try:
            chosen.add(tree.get(slug).slug)
        except NotFoundError as error:
            errors["regions"] = str(error)
    if not chosen and "regions" not in errors:
        errors["regions"] = Sentence("Choose at least one region: without one there is nothing to send.")
    return tuple(region.slug for region in tree.all() if region.slug in chosen)


def _minute(text: str, errors: dict[str, str]) -> int:
    match = TIME.fullmatch(text)
    minute = int(match[1]) * 60 + int(match[2]) if match else -1
    if minute < 0 or minute % STEP:
        errors["time"] = Sentence(
            'Time: "%(value)s" is not a time in steps of %(step)s minutes (example: 07:15).',
            value=text[:20],
            step=STEP,
        )
    return minute
