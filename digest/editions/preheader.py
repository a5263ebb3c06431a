"""What stands behind the subject in the list of mails."""

from collections.abc import Sequence

from digest.editions.headlines import shortened

LONGEST = 140  # characters; clients show 40 to 140
SHORTEST = 40  # below it, clients go on with whatever comes next in the body


def preheader(headlines: Sequence[str], fallback: str) -> str:
    """The headlines after the lead; where they are too short, `fallback` behind them."""
    text = " · ".join(headlines[1:4])
    return shortened(text if len(text) >= SHORTEST else " · ".join(filter(None, (text, fallback))), LONGEST)
