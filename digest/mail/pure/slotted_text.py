"""Text with slots: rendered once, filled many times.

A mould is made from a rendered text in which `Slots.mark(name)` stands wherever a value of that name is to go.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass


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
        texts: list[str] = []  # neighbours: encoded as one, with line breaks where lines would get too long
        for part in self.parts:
            value = part if isinstance(part, str) else values.get(part.name, part)
            if isinstance(value, str):
                texts.append(value)
                continue
            for piece in value.parts if isinstance(value, Mould) else (value,):
                if isinstance(piece, str):
                    texts.append(piece)
                    continue
                if texts:
                    filled.append("".join(texts))
                    texts.clear()
                filled.append(piece)
        return Mould((*filled, "".join(texts)) if texts else tuple(filled))

    def text(self, values: Mapping[str, str] | None = None) -> str:
        """The whole text; raises KeyError for a slot without a value."""
        values = values or {}
        return "".join(values[part.name] if isinstance(part, Slot) else part for part in self.parts)


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
