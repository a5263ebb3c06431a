"""What a poll notes about a document: which of its entries became no article."""

from collections.abc import Callable

from digest.articles.ingest.source_poll import PollReport
from digest.database import Database
from tests.articles.scripted_site import ScriptedSite
from tests.articles.test_poller import (
    CHANGED,
    FEED,
    ITEM,
    add_source,
    source_row,
)


def test_entries_that_become_no_article_are_counted_in_the_notes_until_the_document_changes(
    db: Database,
    site: ScriptedSite,
    poll: Callable[[int], PollReport],
) -> None:
    repeats = FEED.replace("</channel>", ITEM.format(n=1) * 12 + "<item><title>Lost</title></item></channel>")
    site.answer("/feed", body=repeats)
    site.answer("/feed", body=repeats)
    site.answer("/feed", body=FEED)
    source_id = add_source(db, site.url("/feed"))
    notes = ("12 entries repeat an article already taken", "\"Lost\" was left out: '' is not a web address")
    report = poll(source_id)
    assert (report.new, [note.split(" (")[0] for note in report.warnings]) == (1, [*notes])
    assert source_row(db, source_id).notes == list(report.warnings)
    assert poll(source_id).unchanged
    assert source_row(db, source_id).notes == list(report.warnings)
    assert poll(source_id).warnings == ()
    assert source_row(db, source_id).notes == []


def test_entries_of_an_article_that_another_source_has_are_counted(
    db: Database,
    site: ScriptedSite,
    poll: Callable[[int], PollReport],
) -> None:
    site.answer("/feed", body=CHANGED)
    site.answer("/other", body=CHANGED)
    assert poll(add_source(db, site.url("/feed"))).warnings == ()
    assert poll(add_source(db, site.url("/other"))).warnings == ("2 entries repeat an article already taken",)
