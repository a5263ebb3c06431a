"""Reading and writing OPML lists of feeds."""

import pytest

from digest.errors import InvalidInputError
from digest.sources.pure.feeds.opml import OpmlSource, read_opml, write_opml

OPML = b"""<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="Asia"><outline text="Central">
    <outline type="rss" text="Steppe Daily" xmlUrl="https://steppe.example/rss"/>
  </outline></outline>
  <outline text="Harbour &amp; Port" xmlurl="http://harbour.example/feed" category="/Ports/Baltic"/>
  <outline text="again" xmlUrl="https://steppe.example/rss"/>
  <outline text="a note"/>
  <outline text="bad" xmlUrl="javascript:alert(1)"/>
</body></opml>"""


def test_every_feed_is_read_once_with_its_folders_and_its_unchanged_address() -> None:
    assert read_opml(OPML) == (
        OpmlSource("https://steppe.example/rss", "Steppe Daily", "Asia/Central"),
        OpmlSource("http://harbour.example/feed", "Harbour & Port", "Ports/Baltic"),
        OpmlSource("javascript:alert(1)", "bad"),
    )


def test_a_written_list_is_read_back_the_same() -> None:
    sources = (
        OpmlSource("https://a.example/?x=1&y=2", 'A "quoted" <title>', "Asia/Central"),
        OpmlSource("https://b.example/", "Б", ""),
    )
    assert sorted(read_opml(write_opml(sources)), key=lambda source: source.url) == list(sources)


def test_an_external_entity_is_not_opened() -> None:
    body = b"""<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]>
    <opml><body><outline text="t" xmlUrl="https://a.example/"/><outline xmlUrl="https://b.example/">&x;</outline></body></opml>"""
    assert "root:" not in repr(read_opml(body))


@pytest.mark.parametrize("body", [b"", b"hello", b"<rss/>", b"<opml><body/></opml>", b"/etc/passwd"])
def test_a_file_that_is_not_opml_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(InvalidInputError, match="OPML"):
        read_opml(body)
