"""The programs whose exports can be imported, and what is particular to each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from digest.subscribers.pure.standing import Standing

FILE = Path(__file__).parents[1] / "data" / "programs.toml"


@dataclass(frozen=True, slots=True)
class Program:
    """A mailing program: its name, what its own words for states mean, and what the names of its files say."""

    title: str
    words: Mapping[str, Standing]
    files: Mapping[str, Standing]
    pauses: bool = False  # "paused" is a pause of ours, with an end

    def standing_of_file(self, name: str) -> Standing:
        """How everybody in a file stands who has no other sign, by a part of the file's name.

        Names of folders do not count.
        """
        own_name = name.casefold().rpartition("/")[2]
        fitting = (standing for part, standing in self.files.items() if part in own_name)
        return next(fitting, Standing.ACTIVE)


@cache
def programs() -> Mapping[str, Program]:
    """The programs by the name that the command takes."""
    return {
        name: Program(
            row["title"],
            _standings(row.get("words", {})),
            _standings(row.get("files", {})),
            row.get("pauses", False),
        )
        for name, row in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
    }


def _standings(rows: Mapping[str, str]) -> Mapping[str, Standing]:
    return {text: Standing(standing) for text, standing in rows.items()}
