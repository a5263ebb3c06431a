"""Text with slots: rendered once, filled many times.

`SlotMarkers.marker(name)` is rendered wherever a value of that name will go; `SlotMarkers.parse` cuts the text there.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a text where a value goes."""

    name: str


class Block(str):
    """A literal text that many texts share: a message encodes it by itself, once for all of them."""

    __slots__ = ()


Part = str | Slot


@dataclass(frozen=True, slots=True)
class SlottedText:
    """Literal text and slots, in order."""

    parts: tuple[Part, ...]

    def fill(self, values: Mapping[str, "str | SlottedText"]) -> "SlottedText":
        """The text with values in their slots; slots without a value stay open."""
        filled: list[Part] = []
        # Neighbouring texts, except blocks, become one part, which is encoded as a whole.
        texts: list[str] = []
        for part in self.parts:
            value = part if isinstance(part, str) else values.get(part.name, part)
            for piece in value.parts if isinstance(value, SlottedText) else (value,):
                if type(piece) is str:
                    texts.append(piece)
                    continue
                if texts:
                    filled.append("".join(texts))
                    texts.clear()
                filled.append(piece)
        return SlottedText((*filled, "".join(texts)) if texts else tuple(filled))

    def in_blocks(self) -> "SlottedText":
        """The same with its texts as blocks."""
        return SlottedText(tuple(Block(part) if isinstance(part, str) else part for part in self.parts))

    def render(self, values: Mapping[str, str] | None = None) -> str:
        """The whole text; raises KeyError for a slot without a value."""
        values = values or {}
        return "".join(values[part.name] if isinstance(part, Slot) else part for part in self.parts)


class SlotMarkers:
    """Markers for the slots of one process.

    They consist of letters and digits, so HTML tools leave them as they are, and have a random part, so no story can
    contain one.
    """

    def __init__(self) -> None:
        self._nonce = "Slot" + secrets.token_hex(8)
        self._pattern = re.compile(self._nonce + "0([A-Za-z]+)0")

    def marker(self, name: str) -> str:
        """The text to render where the value `name` will go. Names consist of letters and underscores."""
        return f"{self._nonce}0{name.replace('_', 'Z')}0"

    def parse(self, rendered: str) -> SlottedText:
        """Cut a rendered text at its markers."""
        pieces = self._pattern.split(rendered)
        return SlottedText(
            tuple(
                Slot(piece.replace("Z", "_")) if index % 2 else piece
                for index, piece in enumerate(pieces)
                if index % 2 or piece
            )
        )
