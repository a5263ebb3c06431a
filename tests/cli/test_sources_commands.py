"""`dateline sources`, as a program and a person use it."""

import json
from pathlib import Path

from digest.cli.sources import sources_group
from tests.cli.conftest import RunCommand

FEED = (
    b'<rss version="2.0"><channel><title>Quay News</title><item><title>Grain ship docks</title>'
    b"<link>/grain</link><pubDate>Tue, 10 Mar 2026 08:00:00 GMT</pubDate></item></channel></rss>"
)


def test_parse_prints_what_a_feed_would_yield(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(FEED)
    result = run(sources_group, "parse", str(tmp_path / "feed.xml"), "--url", "https://quay.example/feed.xml")
    printed = json.loads(result.out)
    assert result.status == 0
    assert (printed["kind"], printed["title"]) == ("feed", "Quay News")
    assert printed["entries"][0]["link"] == "https://quay.example/grain"
    assert printed["entries"][0]["published"] == "2026-03-10T08:00:00+00:00"


def test_parse_refuses_what_is_no_feed_with_status_2_and_the_reason(run: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Just some words.")
    result = run(sources_group, "parse", str(tmp_path / "page.txt"))
    assert result.status == 2
    assert result.out == ""
    assert "feed" in result.err


def test_an_opml_list_is_imported_once(run: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    path.write_text(
        '<opml version="2.0"><body><outline xmlUrl="https://a.example/feed" text="A"/></body></opml>'
    )
    assert run(sources_group, "import", str(path)).out == "added 1, already present 0\n"
    assert run(sources_group, "import", str(path)).out == "added 0, already present 1\n"
    listed = json.loads(run(sources_group, "list", "--format", "json").out)
    assert [(row["url"], row["title"], row["state"]) for row in listed] == [
        ("https://a.example/feed", "A", "active")
    ]


def test_folders_are_imported_listed_and_exported(run: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    feeds = [f'<outline xmlUrl="https://{name}.example/feed" text="{name}"/>' for name in "ab"]
    path.write_text(
        f'<opml><body><outline text="Asia">{feeds[0]}</outline><outline text="Two">{feeds[0]}</outline>'
        f"{feeds[1]}</body></opml>"
    )
    imported = run(sources_group, "import", str(path))
    assert "1 are in several folders; they are put in the first one" in imported.err
    listed = json.loads(run(sources_group, "list", "--format", "json", "--folder", "Asia").out)
    assert [(row["title"], row["folder"]) for row in listed] == [("a", "Asia")]
    assert "\tb\t" in run(sources_group, "list", "--folder", "/").out
    moved = run(sources_group, "move", "1", "2", "--folder", "Asia/Central")
    assert moved.out == '2 moved; now in the folder "Asia/Central"\n'
    assert '<outline text="Asia">\n      <outline text="Central">' in run(sources_group, "export").out
    assert run(sources_group, "move", "1", "--folder", "").out == "1 moved; now in no folder\n"
    assert run(sources_group, "move", "99", "--folder", "x").status == 2
    assert run(sources_group, "add", "http://127.0.0.1:9/", "--folder", "x" * 61).status == 2


def test_a_private_address_is_refused_with_the_setting_that_would_allow_it(run: RunCommand) -> None:
    result = run(sources_group, "add", "http://127.0.0.1:9/feed")
    assert result.status == 2
    assert "FETCH_ALLOW" in result.err
    assert "127.0.0.1:9" in result.err


def test_polling_says_what_became_of_each_source(run: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    path.write_text(
        '<opml version="2.0"><body><outline xmlUrl="http://10.0.0.1/feed" text="A"/></body></opml>'
    )
    run(sources_group, "import", str(path))
    result = run(sources_group, "poll")
    assert result.out.startswith("http://10.0.0.1/feed: 10.0.0.1 is not on the public internet")
    listed = run(sources_group, "polls", "1")
    assert "1 poll\t-\t0.0" in listed.out
    assert "10.0.0.1 is not on the public internet" in listed.out
    (row,) = json.loads(run(sources_group, "polls", "1", "--format", "json").out)
    assert (row["outcome"], row["status"], row["polls"]) == ("failed", None, 1)
    assert run(sources_group, "polls", "1", "--before", str(row["id"])).out == ""
    assert run(sources_group, "polls", "99").status == 2
    listed = json.loads(run(sources_group, "list", "--format", "json").out)
    assert listed[0]["failures"] == 1
    assert "not on the public internet" in listed[0]["error"]


def test_an_empty_list_says_how_to_begin(run: RunCommand) -> None:
    assert "dateline sources add URL" in run(sources_group, "list").err


def test_addresses_of_a_list_that_are_never_asked_are_left_out_and_counted(
    run: RunCommand, tmp_path: Path
) -> None:
    path = tmp_path / "list.opml"
    urls = (
        "https://a.example/feed#top",
        "https://a.example/feed",
        "https://user:secret@a.example/feed",
        "feed://a.example/feed",
        "javascript:alert(1)",
        "https://a.example:99999/",
        "http://[",
    )
    outlines = "".join(f'<outline xmlUrl="{url}"/>' for url in urls)
    path.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    result = run(sources_group, "import", str(path))
    assert result.out == "added 1, already present 0\n"
    assert result.err.startswith("skipped 5:")
    listed = json.loads(run(sources_group, "list", "--format", "json").out)
    assert [row["url"] for row in listed] == ["https://a.example/feed"]


def test_a_list_goes_out_and_comes_in_as_it_was_pages_included(run: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "list.opml"
    outlines = (
        '<outline text="Harbours"><outline xmlUrl="https://a.example/feed" text="A &amp; Ö"/></outline>'
        '<outline type="link" url="https://b.example/news" datelineKind="page" text="B"/>'
        '<outline type="link" url="https://c.example/bookmark" text="no source"/>'
    )
    path.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    assert run(sources_group, "import", str(path)).out == "added 2, already present 0\n"
    path.write_text(run(sources_group, "export").out)
    assert run(sources_group, "import", str(path)).out == "added 0, already present 2\n"
    written = path.read_text()
    assert 'xmlUrl="https://a.example/feed"' in written
    assert 'url="https://b.example/news" datelineKind="page"' in written
    assert "A &amp; Ö" in written


def test_parse_reads_a_page(run: RunCommand, tmp_path: Path) -> None:
    paragraph = "<p>The harbour board voted on Monday to dredge the northern channel, its chair said.</p>"
    (tmp_path / "page.html").write_text(
        "<html><head><title>Channel to be dredged</title></head><body><h1>Channel to be dredged</h1>"
        f"<p>14 Jan 2026</p>{paragraph * 3}<ul><li><a href=/1>Night ferry returns</a> 09.Jan.2026</li>"
        "<li><a href=/2>Storm damages breakwater</a> 08.Jan.2026</li></ul></body></html>"
    )
    printed = json.loads(
        run(sources_group, "parse", str(tmp_path / "page.html"), "--url", "https://quay.example/n").out
    )
    assert (printed["kind"], printed["headline"], printed["date"]) == (
        "page",
        "Channel to be dredged",
        "2026-01-14",
    )
    assert printed["side_list"] == [
        {"title": "Night ferry returns", "date": "2026-01-09", "href": "https://quay.example/1"},
        {"title": "Storm damages breakwater", "date": "2026-01-08", "href": "https://quay.example/2"},
    ]
