"""Which of a page's headings is its headline."""

import re
from collections.abc import Sequence

from digest.sources.pure.pages.metadata import Facts
from digest.sources.pure.pages.text_runs import Run

SEPARATOR = re.compile(r"\s+[|·•»«–—:-]+\s+|\s*\|\s*|\s+::\s+")
CRUMBS = re.compile(r"\s*[|»›]\s*|\s+::\s+")  # sections; a dash may be the headline's own
SHORTEST = 4  # characters
LONGEST = 500
NOT_WORD = re.compile(r"[\W_]+")
NO_HEADLINE = frozenset(  # what is written over a page or a part of it, and tells no news
    ("home", "menu", "search", "news", "latest news", "most read", "top stories", "about us", "contact", "related",
     "новости", "главная", "последние новости")
)  # fmt: skip


def headline(facts: Facts, runs: Sequence[Run]) -> str:
    """The page's headline: a first-level heading that its title tells too, else the title without the site's name."""
    heads = _headings(runs, 1)
    told = [NOT_WORD.sub(" ", text).casefold().strip() for text in (*facts.headlines, facts.window_title)]
    sites = {_key(facts.site)}
    for text in heads:
        if any(_within(_key(text), one) for one in told) and not _names_site(text, facts, sites):
            return text
    said = next((text for text in facts.headlines if len(text) >= SHORTEST), "")
    if not said:
        others = [text for level in (2, 3) for text in _headings(runs, level)]
        title = NOT_WORD.sub(" ", facts.window_title).casefold()
        said = next((text for text in others if len(text) >= 12 and _within(_key(text), title)), "")
    good = [text for text in heads if _key(text) not in NO_HEADLINE and _key(text) not in sites]
    if not said and len(good) == 1:
        return good[0]
    return _without_site(said or facts.window_title, facts)[:LONGEST] or (good[0] if good else "")


def _headings(runs: Sequence[Run], level: int) -> list[str]:
    """The headings of a level, their runs joined again (a heading may hold several)."""
    found: list[tuple[object, list[str]]] = []
    for run in runs:
        if run.heading == level:
            around = next(
                element
                for element in (run.element, *run.element.iterancestors())
                if element.tag == f"h{level}"
            )
            if found and found[-1][0] is around:
                found[-1][1].append(run.text)
            else:
                found.append((around, [run.text]))
    return [text for _, parts in found if SHORTEST <= len(text := " ".join(parts)) <= LONGEST]


def _without_site(title: str, facts: Facts) -> str:
    """The title without the name of the site before or after it: "Museum reopens | Coast Herald"."""
    parts = SEPARATOR.split(title)
    if len(parts) == 1:
        return title.strip()
    site = _key(facts.site)
    ends = [part for part in (parts[-1], parts[0]) if site and _key(part) == site]
    if ends:
        cut = len(title) - len(parts[-1]) if ends[0] is parts[-1] else 0
        kept = _trimmed(title[:cut] if cut else title[len(parts[0]) :])
        return max(CRUMBS.split(kept), key=len)
    if title in facts.headlines:
        return title.strip()
    # No name is given: the headline is the longest part, with the parts before it.
    longest = max(range(len(parts)), key=lambda index: len(parts[index]))
    end = title.find(parts[longest]) + len(parts[longest])
    return _trimmed(title[:end])


def _trimmed(text: str) -> str:
    return text.strip(" |·•»«–—:-\t")


def _key(text: str) -> str:
    return NOT_WORD.sub(" ", text).casefold().strip()


def _within(key: str, told: str) -> bool:
    """Whether a heading is, or is most of, what the page says to machines; a section's name is but a word of it."""
    return bool(key) and (
        key == told or (len(key) * 2 >= len(told) and key in told) or (len(told) >= 20 and told in key)
    )


def _names_site(text: str, facts: Facts, sites: set[str]) -> bool:
    return _key(text) in sites and _key(text) not in {_key(one) for one in facts.headlines[:1]}
