"""The subject of a digest: what readers see of it in their inbox, beside the preheader."""

from collections.abc import Iterable
from functools import lru_cache

from digest.editions.pure.display_text import sanitize_line
from digest.editions.pure.headline_cuts import cut_headline
from digest.mail import templates

MAX_LENGTH = 78  # characters
# Mail programs of phones show about 40 characters. A lead shorter than that leaves room for a second headline.
MAX_LEAD_BESIDE_SECOND = 36
SEPARATOR = " · "


def build_subject(
    language: str, headlines: Iterable[str], count: int, *, second: str = "", is_first: bool = False
) -> str:
    """The first headline that is not blank, and how many more of the `count` stories there are.

    `second` is the headline that leads another region: it follows a short lead if it fits uncut. The subject of a
    subscriber's first digest says so. It has at most 78 characters; "" when all headlines are blank.
    """
    lead = next(filter(None, map(sanitize_line, headlines)), "")
    if not lead:
        return ""
    # The cache knows a lead that leaves no room by itself, whatever comes second.
    beside = second if count > 1 and len(lead) <= MAX_LEAD_BESIDE_SECOND and not is_first else ""
    return _render_subject(language, lead, sanitize_line(beside), count, is_first)


@lru_cache(maxsize=20_000)  # many digests have the same lead and number of stories
def _render_subject(language: str, lead: str, second: str, count: int, is_first: bool) -> str:
    if second and second != lead:
        both = _fill(language, f"{lead}{SEPARATOR}{second}", count - 2, is_first)
        if len(both) <= MAX_LENGTH:
            return both
    whole = _fill(language, lead, count - 1, is_first)
    room = len(lead) - max(len(whole) - MAX_LENGTH, 0)
    return _fill(language, cut_headline(lead, room), count - 1, is_first)


def _fill(language: str, line: str, others: int, is_first: bool) -> str:
    values = {"headline": line, "others": others, "is_first": is_first}
    return templates.render("digest/subject.txt", language, **values).strip()
