"""The preheader: the text that mail programs show after the subject in the list of mails."""

from collections.abc import Callable, Sequence

from digest.editions.pure.headline_cuts import cut_headline

MAX_LENGTH = 140  # characters; mail programs show 40 to 140
MIN_LENGTH = 40  # characters; after a shorter preheader, mail programs show the beginning of the body
SEPARATOR = " · "
MAX_HEADLINES = 3
MAX_HEADLINE_LENGTH = 65  # characters, so that the second headline begins where phones still show it
BEGINNING = 30  # characters by which a subject is seen to quote a headline


def not_in_subject(subject: str, headlines: Sequence[str]) -> Sequence[str]:
    """The headlines that the subject does not quote, each once, in their order."""
    return [line for line in dict.fromkeys(headlines) if line[:BEGINNING] not in subject]


def build_preheader(headlines: Sequence[str], lead_excerpt: Callable[[], str], intro: str) -> str:
    """The first headlines, those that lead other regions first. Too short: the lead's excerpt, then the intro."""
    limit = MAX_LENGTH if len(headlines) == 1 else MAX_HEADLINE_LENGTH
    text = ""
    for line in headlines[:MAX_HEADLINES]:
        longer = SEPARATOR.join(filter(None, (text, cut_headline(line, limit))))
        if len(longer) > MAX_LENGTH:
            break
        text = longer
    if len(text) < MIN_LENGTH:
        text = SEPARATOR.join(filter(None, (text, lead_excerpt())))
    if len(text) < MIN_LENGTH:
        text = SEPARATOR.join(filter(None, (text, intro)))
    return cut_headline(text, MAX_LENGTH)
