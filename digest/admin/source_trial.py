"""What would be read from an address: its entries, their dates, and warnings. Saves nothing."""

from dataclasses import dataclass, replace

from flask import render_template, request

from digest.admin.blueprint import bp
from digest.articles.ingest.source_entries import read_child_sitemaps
from digest.articles.pure.cleaning import EXCERPT_LENGTH, make_excerpt
from digest.parts import parts
from digest.sources import source_list
from digest.sources.pure.entries import Entry
from digest.sources.source_list import FetchedSource

MAX_ENTRIES_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Trial:
    """A source as it would be read: its first entries, each with its excerpt, and how many have a date."""

    candidate: FetchedSource
    entries: tuple[tuple[Entry, str], ...]
    dated_count: int


@bp.post("/sources/try")
def try_source() -> str:
    """Fetch an address before it becomes a source, and show its entries."""
    url = request.form.get("url", "")
    candidate = source_list.discover_source(parts().ingest, url, kind=request.form.get("kind", ""))
    if isinstance(candidate, tuple):
        return render_template("admin/choose_feed.html", feeds=candidate, url=url)
    return render_template("admin/try_source.html", trial=try_candidate(candidate, EXCERPT_LENGTH))


def try_candidate(candidate: FetchedSource, excerpt_length: int) -> Trial:
    """Read what was found at an address, with the sitemaps that it names."""
    p = parts()
    if candidate.parsed.children:
        candidate = replace(candidate, parsed=read_child_sitemaps(p.db, p.ingest, candidate.parsed))
    entries = candidate.parsed.entries
    return Trial(
        candidate,
        tuple(
            (entry, make_excerpt(entry.summary, entry.content, excerpt_length, title=entry.title))
            for entry in entries[:MAX_ENTRIES_SHOWN]
        ),
        dated_count=sum(1 for entry in entries if entry.published or entry.updated),
    )
