"""What stands behind the subject in the list of mails."""

from collections.abc import Sequence

LONGEST = 140  # characters; clients show 40 to 140
SHORTEST = 40  # below it, clients go on with whatever comes next in the body


def preheader(headlines: Sequence[str], fallback: str) -> str:
    """The headlines after the lead; where they are too short, `fallback` behind them."""
    text = " · ".join(headlines[1:4])
    return shortened(text if len(text) >= SHORTEST else " · ".join(filter(None, (text, fallback))), LONGEST)


def shortened(text: str, limit: int) -> str:
    """The text cut at the last word that fits, with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1].rstrip()
    space = cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).rstrip(" ,;:–-") + "…"
