"""The sections of a digest: regions with their stories, and how a digest's row stores them."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

# Story id and version. A plain tuple: planning makes a million of them, and tuples cost the garbage collector least.
StoryRef = tuple[int, int]


class Section(NamedTuple):
    """A region and the stories shown under it, in order."""

    region: str
    stories: tuple[StoryRef, ...]


def encode_sections(sections: Iterable[Section]) -> list[tuple[str, list[int]]]:
    """Sections as JSON stores them: `[[region, [story id, its version, …]], …]`."""
    return [(region, list(chain.from_iterable(stories))) for region, stories in sections]


def decode_sections(stored: Sequence[Any]) -> tuple[Section, ...]:
    """Sections from JSON; the inverse of `encode_sections`."""
    return tuple(_decode_section(region, stories) for region, stories in stored)


def _decode_section(region: str, stored: Sequence[Any]) -> Section:
    # The first release stored a pair for each story instead of one flat list.
    flat = stored if stored and isinstance(stored[0], int) else list(chain.from_iterable(stored))
    return Section(region, tuple(zip(flat[::2], flat[1::2], strict=True)))


def story_ids(sections: Iterable[Section]) -> frozenset[int]:
    """The ids of all stories in these sections."""
    return frozenset([story_id for _, stories in sections for story_id, _ in stories])
