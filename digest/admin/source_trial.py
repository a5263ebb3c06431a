"""The preview of an address before it becomes a source: its entries, their dates, and warnings."""

from dataclasses import replace

from flask import render_template, request

from digest.admin.blueprint import bp
from digest.articles.ingest.source_entries import read_child_sitemaps
from digest.parts import parts
from digest.sources import source_list

MAX_ENTRIES_SHOWN = 15


@bp.post("/sources/try")
def try_source() -> str:
    """Fetch an address and show its entries. Saves nothing."""
    p = parts()
    url = request.form.get("url", "")
    candidate = source_list.discover_source(p.ingest, url, kind=request.form.get("kind", ""))
    if isinstance(candidate, tuple):
        return render_template("admin/choose_feed.html", feeds=candidate, url=url)
    if candidate.parsed.children:
        candidate = replace(candidate, parsed=read_child_sitemaps(p.db, p.ingest, candidate.parsed))
    entries = candidate.parsed.entries
    return render_template(
        "admin/try_source.html",
        candidate=candidate,
        entries=entries[:MAX_ENTRIES_SHOWN],
        dated_count=sum(1 for entry in entries if entry.published or entry.updated),
    )
