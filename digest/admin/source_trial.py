"""Trying an address before it becomes a source: what would be taken, with dates and doubts."""

from dataclasses import replace

from flask import render_template, request

from digest.admin.blueprint import bp
from digest.articles.ingest.source_entries import follow
from digest.parts import parts
from digest.sources import source_list

SHOWN = 15  # entries


@bp.post("/sources/try")
def try_source() -> str:
    """Look at an address and show what it would bring; nothing is kept."""
    p = parts()
    url = request.form.get("url", "")
    found = source_list.find(p.reader, url, kind=request.form.get("kind", ""))
    if isinstance(found, tuple):
        return render_template("admin/choose_feed.html", feeds=found, url=url)
    if found.parsed.children:
        found = replace(found, parsed=follow(p.db, p.reader, found.parsed))
    dated = sum(1 for entry in found.parsed.entries if entry.published or entry.updated)
    return render_template(
        "admin/try_source.html", found=found, shown=found.parsed.entries[:SHOWN], dated=dated
    )
