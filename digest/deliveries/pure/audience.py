"""Whom an edition is for."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["due", "everyone", "regions", "address"]
A_DAY = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class Audience:
    """`due`: readers whose hour has come; `everyone`: all active ones; `regions`: active ones who chose any country
    of these; `address`: one test address, which gets what a reader of `regions` would of the last `minutes`, and
    moves nobody's window."""

    kind: Kind
    regions: tuple[str, ...] = ()
    address: str = ""
    language: str = "en"
    minutes: int = A_DAY

    def as_json(self) -> dict[str, Any]:
        """For the edition's row."""
        return {
            "kind": self.kind,
            "regions": list(self.regions),
            "address": self.address,
            "language": self.language,
            "minutes": self.minutes,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Audience":
        """From the edition's row."""
        regions = tuple(data.get("regions", ()))
        address, language = data.get("address", ""), data.get("language", "en")
        return cls(data["kind"], regions, address, language, data.get("minutes", A_DAY))
