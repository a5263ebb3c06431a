"""Text with slots: rendered once, filled many times.

A mould is made from a rendered text in which `Slots.mark(name)` stands wherever a value of that name is to go.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a mould where a value goes."""

    name: str


Part = str | Slot


@dataclass(frozen=True, slots=True)
class Mould:
    """Literal text and slots, in order."""

    parts: tuple[Part, ...]

    def fill(self, values: Mapping[str, "str | Mould"]) -> "Mould":
        """Put values into their slots; slots that have none stay open."""
        filled: list[Part] = []
        for part in self.parts:
            value = values.get(part.name, part) if isinstance(part, Slot) else part
            filled.extend(value.parts if isinstance(value, Mould) else (value,))
        return Mould(tuple(_joined(filled)))

    def text(self, values: Mapping[str, str] | None = None) -> str:
        """The whole text; raises KeyError for a slot without a value."""
        values = values or {}
        return "".join(values[part.name] if isinstance(part, Slot) else part for part in self.parts)


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Neighbouring texts as one: they are encoded as one, with line breaks where lines would get too long."""
    for is_text, group in groupby(parts, key=lambda part: isinstance(part, str)):
        if is_text:
            yield "".join(part for part in group if isinstance(part, str))
        else:
            yield from group


class Slots:
    """Marks for the slots of one process: letters and digits alone, which HTML tools leave be, and not guessable,
    so that no story can bring one along."""

    def __init__(self) -> None:
        self._nonce = "Slot" + secrets.token_hex(8)
        self._pattern = re.compile(self._nonce + "0([A-Za-z]+)0")

    def mark(self, name: str) -> str:
        """What to put into a text where the value `name` is to go. Names are letters and underscores."""
        return f"{self._nonce}0{name.replace('_', 'Z')}0"

    def mould(self, rendered: str) -> Mould:
        """Cut a rendered text at its marks."""
        pieces = self._pattern.split(rendered)
        return Mould(
            tuple(
                Slot(piece.replace("Z", "_")) if index % 2 else piece
                for index, piece in enumerate(pieces)
                if index % 2 or piece
            )
        )
