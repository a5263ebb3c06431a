"""Reading and writing OPML lists of feeds."""

from time import process_time
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import InvalidInputError
from digest.sources.pure.feeds.opml import MAX_SOURCES, OpmlSource, read_opml, write_opml
from digest.sources.pure.folders import MAX_NAME_LENGTH, MAX_PATH_LENGTH, fit_folder, parse_folder
from digest.sources.states import SourceKind

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


def test_every_feed_is_read_with_its_folders_and_its_unchanged_address() -> None:
    assert read_opml(OPML) == (
        OpmlSource("https://steppe.example/rss", "Steppe Daily", "Asia/Central"),
        OpmlSource("http://harbour.example/feed", "Harbour & Port", "Ports/Baltic"),
        OpmlSource("https://steppe.example/rss", "again"),
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


def test_a_list_of_feeds_has_five_thousand_and_five_megabytes_at_most() -> None:
    def listing(count: int) -> bytes:
        outlines = "".join(f'<outline xmlUrl="h:{n}"/>' for n in range(count))
        return f"<opml><body>{outlines}</body></opml>".encode()

    with pytest.raises(InvalidInputError, match="names 5,001 feeds; split it into files of 5,000"):
        read_opml(listing(5_001))
    body = listing(1)
    limit = 5 * 1024 * 1024
    assert read_opml(body + b" " * (limit - len(body)))
    with pytest.raises(InvalidInputError, match="5,242,881 bytes; the most we read is 5,242,880"):
        read_opml(body + b" " * (limit + 1 - len(body)))


def test_pages_and_sitemaps_are_links_in_a_list_and_bookmarks_are_not_read() -> None:
    sources = (
        OpmlSource("https://a.example/", "Page", kind=SourceKind.PAGE, link="https://a.example/x", language="kk"),
        OpmlSource("https://b.example/map.xml", "", "Ports", kind=SourceKind.SITEMAP),
        OpmlSource("https://c.example/feed", "Feed", "Ports"),
    )  # fmt: skip
    written = write_opml(sources, title=" My \n list ")
    assert read_opml(written) == (
        sources[0],
        OpmlSource("https://b.example/map.xml", "https://b.example/map.xml", "Ports", kind=SourceKind.SITEMAP),
        sources[2],
    )  # fmt: skip
    assert b"<title>My list</title>" in written
    assert written.count(b'text="Ports"') == 1
    assert b'type="rss"' in written
    assert b'language=""' not in written
    with pytest.raises(InvalidInputError, match="names no feeds"):
        read_opml(b'<opml><outline type="link" url="https://a.example/"/></opml>')


def test_a_file_of_another_kind_is_no_opml() -> None:
    with pytest.raises(InvalidInputError, match="first tag is not <opml>"):
        read_opml(b'<rss><outline xmlUrl="https://a.example/"/></rss>')
    with pytest.raises(InvalidInputError, match="not an OPML file"):
        read_opml(b"words")
    (source,) = read_opml(b'<OPML><outline TITLE=" A " text="B" category="/x/y/" xmlUrl=" u "/></OPML>')
    assert source == OpmlSource("u", "A", "x/y")


def test_a_damaged_list_is_read_as_far_as_it_can_be() -> None:
    (source,) = read_opml(b'<opml><body><outline xmlUrl="https://a.example/" text="A & B"/></body>')
    assert source.url == "https://a.example/"


def in_folders(*names: str, url: str = "https://a.example/") -> bytes:
    """A list with a feed in folders of these names."""
    opening = "".join(f"<outline text={quoteattr(name)}>" for name in names)
    feed = f'<outline text="A" xmlUrl="{url}"/>'
    return f"<opml><body>{opening}{feed}{'</outline>' * len(names)}</body></opml>".encode()


@pytest.mark.parametrize(
    ("names", "folder"),
    [
        (("Politics / Economy", "AC/DC"), "Politics - Economy/AC-DC"),
        (("", " ", "Asia", "\u200b"), "Asia"),
        (("one\u202etwo\n\tthree",), "onetwo three"),
        (("نیم\u200cفاصله",), "نیم\u200cفاصله"),
        (("e\u0301t\u00e9",), "\u00e9t\u00e9"),
        (("x" * 200,), "x" * MAX_NAME_LENGTH),
        (("a", "b", "c", "d", "e", "f", "g"), "a/b/c/d/e"),
        (("a",) * 100, "a/a/a/a/a"),
    ],
)
def test_a_folder_has_a_name_that_fits(names: tuple[str, ...], folder: str) -> None:
    (source,) = read_opml(in_folders(*names))
    assert source.folder == folder == parse_folder(folder)


def test_the_first_category_is_the_folder_of_a_feed_that_is_in_none() -> None:
    body = b'<opml><body><outline xmlUrl="https://a.example/" category="/News/World,/Sport"/></body></opml>'
    assert read_opml(body)[0].folder == "News/World"
    inside = in_folders("Asia").replace(b'text="A"', b'text="A" category="/Sport"')
    assert read_opml(inside)[0].folder == "Asia"


def test_the_time_for_a_file_does_not_grow_with_the_depth_of_its_outlines() -> None:
    many = b"<outline/>" * 40_000
    body = in_folders(*("deep",) * 200).replace(b'<outline text="A"', many + b'<outline text="A"')
    start = process_time()
    assert read_opml(body)[0].folder == "deep/deep/deep/deep/deep"
    assert process_time() - start < 2


def test_more_feeds_than_a_list_may_have_are_refused() -> None:
    feeds = "".join(f'<outline xmlUrl="https://{n}.example/"/>' for n in range(MAX_SOURCES + 1))
    with pytest.raises(InvalidInputError, match="split it"):
        read_opml(f"<opml><body>{feeds}</body></opml>".encode())
    again = '<outline xmlUrl="https://a.example/"/>' * (MAX_SOURCES + 1)
    assert len(read_opml(f"<opml><body>{again}</body></opml>".encode())) == MAX_SOURCES + 1


NAMES = st.lists(
    st.text('aB й/-&<"\u00e9e\u0301\u200b\u200c\u202e\t\x85\ud800\uffff', max_size=80), max_size=7
)


@given(st.lists(NAMES.map(fit_folder), min_size=1, max_size=8))
@settings(max_examples=30)
def test_any_folders_are_written_and_read_back_the_same(folders: list[str]) -> None:
    sources = [
        OpmlSource(f"https://{number}.example/", str(number), folder) for number, folder in enumerate(folders)
    ]
    read = read_opml(write_opml(sources))
    assert {source.url: source.folder for source in read} == {source.url: source.folder for source in sources}


@given(NAMES)
@settings(max_examples=30)
def test_a_folder_that_fits_is_accepted_as_it_is(names: list[str]) -> None:
    folder = fit_folder(names)
    assert parse_folder(folder) == folder
    assert len(folder) <= MAX_PATH_LENGTH
