"""What a preview is asked of, as its address says: regions or a reader, how far back, and a note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from werkzeug.datastructures import MultiDict

from digest.admin import params
from digest.deliveries.previews import digest_preview
from digest.deliveries.previews.digest_preview import Preview, Wanted
from digest.parts import parts

A_DAY, A_WEEK = 24, 7 * 24  # hours
LONGEST_NOTE = 1_000  # characters
Made = tuple[Wanted, Preview | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """`hours` 0: since the reader's last digest, or a day for regions."""

    regions: tuple[str, ...] = ()
    reader_id: int | None = None
    hours: int = 0
    note: str = ""

    @property
    def anything(self) -> bool:
        """Whether there is something to show."""
        return bool(self.regions or self.reader_id is not None)

    def query(self) -> Mapping[str, Any]:
        """For the addresses of the same preview in its other forms; empty ones are left out by `url_for`."""
        return {
            "regions": list(self.regions),
            "reader": self.reader_id,
            "hours": self.hours or None,
            "note": self.note or None,
        }


def read(values: "MultiDict[str, str]") -> Asked:
    """What the form or address says; raises NotFoundError for a region that isn't, InvalidInputError for a number."""
    tree = parts().tree
    slugs = {tree.get(slug).slug for slug in values.getlist("regions")}
    return Asked(
        regions=tuple(region.slug for region in tree.all() if region.slug in slugs),
        reader_id=params.whole(values, "reader"),
        hours=params.whole(values, "hours", least=0, most=A_WEEK) or 0,
        note=values.get("note", "").strip()[:LONGEST_NOTE],
    )


def make(asked: Asked) -> Made:
    """The preview; None beside what was wanted when nothing is new in the window."""
    p = parts()
    now = p.reader.clock()
    back = timedelta(hours=asked.hours)
    if asked.reader_id is not None:
        return digest_preview.of_reader(p.db, p.post, asked.reader_id, now, back=back or None)
    window = (now - (back or timedelta(hours=A_DAY)), now)
    wanted = Wanted(asked.regions, p.languages[0], window, asked.note)
    return wanted, digest_preview.of_regions(p.db, p.post, wanted)


def minutes(wanted: Wanted) -> int:
    """How long the window is, rounded up."""
    start, end = wanted.window
    return ceil((end - start) / timedelta(minutes=1))


def slugs(values: Sequence[str]) -> tuple[str, ...]:
    """Regions in tree order, each once; raises NotFoundError for one that isn't."""
    return read(MultiDict([("regions", value) for value in values])).regions
