"""The audience of an edition: which subscribers it is for."""

from dataclasses import dataclass
from typing import Any, Literal

from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices

AudienceKind = Literal["due", "everyone", "regions", "address"]
MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Audience:
    """Which subscribers an edition is for.

    `due`: those who are due. `everyone`: all active ones. `regions`: active ones who chose any country of `regions`.
    `address`: one test address. It gets what a subscriber to `regions` would get from the last `window_minutes`, and
    nobody's window moves.
    """

    kind: AudienceKind
    regions: tuple[str, ...] = ()
    address: str = ""
    language: str = "en"
    window_minutes: int = MINUTES_PER_DAY
    content: ContentChoices = DEFAULT_CONTENT  # of the test address

    def as_json(self) -> dict[str, Any]:
        """The audience as an edition's row stores it."""
        return {
            "kind": self.kind,
            "regions": list(self.regions),
            "address": self.address,
            "language": self.language,
            "minutes": self.window_minutes,
            "content": self.content.as_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Audience":
        """The audience from what an edition's row stores."""
        return cls(
            kind=data["kind"],
            regions=tuple(data.get("regions", ())),
            address=data.get("address", ""),
            language=data.get("language", "en"),
            window_minutes=data.get("minutes", MINUTES_PER_DAY),
            content=ContentChoices.from_json(data.get("content", {})),
        )
