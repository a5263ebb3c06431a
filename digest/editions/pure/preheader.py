"""The preheader: the text that mail programs show after the subject in the list of mails."""

from collections.abc import Callable, Sequence

from digest.editions.pure.display_text import shorten

MAX_LENGTH = 140  # characters; mail programs show 40 to 140
MIN_LENGTH = 40  # characters; after a shorter preheader, mail programs show the beginning of the body


def build_preheader(headlines: Sequence[str], lead_excerpt: Callable[[], str], intro: str) -> str:
    """The headlines after the lead's. If they are too short, the lead's excerpt follows, and then the intro."""
    text = " · ".join(headlines[1:4])
    if len(text) < MIN_LENGTH:
        text = " · ".join(filter(None, (text, lead_excerpt())))
    if len(text) < MIN_LENGTH:
        text = " · ".join(filter(None, (text, intro)))
    return shorten(text, MAX_LENGTH)
