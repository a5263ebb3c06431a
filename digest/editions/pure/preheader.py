"""What stands behind the subject in the list of mails."""

from collections.abc import Callable, Sequence

from digest.editions.pure.display_text import shortened

LONGEST = 140  # characters; clients show 40 to 140
SHORTEST = 40  # below it, clients go on with whatever comes next in the body


def preheader(headlines: Sequence[str], begins: Callable[[], str], intro: str) -> str:
    """The headlines after the lead; where they are too short, how the lead begins, then what the digest holds."""
    text = " · ".join(headlines[1:4])
    if len(text) < SHORTEST:
        text = " · ".join(filter(None, (text, begins())))
    if len(text) < SHORTEST:
        text = " · ".join(filter(None, (text, intro)))
    return shortened(text, LONGEST)
