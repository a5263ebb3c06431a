"""Which of an entry's many fields give its title, link, author, text, categories, files and image."""

from datetime import UTC, datetime
from typing import Any

import pytest

from digest.sources.pure.entries import Enclosure, Entry
from digest.sources.pure.feeds.entry_fields import read_authors, read_entry, strip_email_address

BASE = "https://quay.example/"


def read(feed_authors: str = "", **raw: Any) -> Entry:
    return read_entry(raw, base=BASE, feed_authors=feed_authors)


def links(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"rel": rel, "href": href} for rel, href in pairs]


def test_a_text_of_ten_characters_replaces_a_missing_title() -> None:
    assert read(summary="ten chars!", link="/1").title == "ten chars!"
    assert read(summary="nine char", link="/1").title == "https://quay.example/1"
    assert read(content=[{"value": "<p>The ferry runs</p>"}], link="/1").title == "The ferry runs"


def test_a_text_of_more_than_a_hundred_characters_is_cut_between_words() -> None:
    text = "harbour " * 11 + "and the quay"
    assert len(text) == 100
    assert read(summary=text).title == text
    assert read(summary=text + "s").title == "harbour " * 11 + "and the…"
    assert read(summary="harbour, " * 12).title == "harbour, " * 10 + "harbour…"


def test_the_title_of_an_episode_counts_if_there_is_no_other() -> None:
    assert read(itunes_title="Episode &amp; more", link="/1").title == "Episode & more"
    assert read(title="Grain", itunes_title="Episode", link="/1").title == "Grain"


def test_an_entry_without_anything_has_an_id_of_its_own() -> None:
    first, second = read(published="2026-01-14"), read(published="2026-01-15")
    assert first.id.startswith("sha256:")
    assert len(first.id) == len("sha256:") + 32
    assert first.id != second.id
    assert read(id=" q \n 1 ", link="/1").id == "q 1"


@pytest.mark.parametrize(
    ("raw", "link"),
    [
        ({"feedburner_origlink": "/a", "link": "/b"}, "a"),
        ({"link": "/b", "links": links(("alternate", "/c"))}, "b"),
        ({"links": links(("related", "/d"), ("alternate", "/c"))}, "c"),
        ({"links": links(("self", "/s"), ("related", "/d"))}, "d"),
        ({"links": links(("self", "/s"), ("via", "/v")), "id": "https://quay.example/i"}, "v"),
        ({"links": links(("enclosure", "/f.mp3")), "id": "https://quay.example/i"}, "i"),
        ({"links": links(("enclosure", "/f.mp3")), "id": "tag:quay.example,2026:1"}, "f.mp3"),
        ({"links": [{"rel": "alternate"}, {"rel": "alternate", "href": " "}, {"rel": "related", "href": "/d"}]}, "d"),
    ],
)  # fmt: skip
def test_the_link_is_the_most_certain_of_those_that_are_given(raw: dict[str, Any], link: str) -> None:
    assert read(**raw).link == BASE + link


def test_the_authors_are_the_entrys_or_those_of_its_source_or_of_the_feed() -> None:
    source = {"authors": [{"name": "Bo"}], "author": "Bo"}
    assert read("Cy", authors=[{"name": "Ana"}], author="Ana", source=source).author == "Ana"
    assert read("Cy", source=source).author == "Bo"
    assert read("Cy", source={}).author == "Cy"


def test_two_authors_are_named_and_one_is_as_it_was_written() -> None:
    two = [{"name": "Ana"}, {"email": "bo@quay.example"}]
    assert read_authors({"authors": two, "author": "Ana"}) == "Ana, bo@quay.example"
    assert read_authors({"authors": [{}, {"name": "Ana"}], "author": "ana@quay.example (Ana)"}) == (
        "ana@quay.example (Ana)"
    )
    assert read_authors({"authors": [{"name": "Ana"}], "googleplay_author": "Bo"}) == "Ana"
    assert read_authors({"author": "x" * 600}) == "x" * 500


def test_an_author_without_the_address_has_no_empty_brackets() -> None:
    assert strip_email_address("Ana Lind <ana@quay.example>") == "Ana Lind"
    assert strip_email_address("ana@quay.example, Ana Lind") == "Ana Lind"
    assert strip_email_address("Ana (Quay)") == "Ana (Quay)"


def test_the_longest_content_is_the_text_unless_the_summary_is_longer() -> None:
    short, long = {"value": "<p>One.</p>"}, {"value": "<p>One. Two.</p>"}
    entry = read(title="x", summary="One", content=[short, long, short])
    assert (entry.content, entry.summary) == ("<p>One. Two.</p>", "One")
    entry = read(title="x", summary="<p>The longest of them all.</p>", content=[long])
    assert entry.content == "<p>The longest of them all.</p>"
    equal = "<b>One</b>!"
    assert read(title="x", summary=equal, content=[short]).content == "<p>One.</p>"


def test_plain_text_is_no_markup_and_is_not_repeated_as_content() -> None:
    plain = {"type": "text/plain"}
    entry = read(
        title="x", summary="1 < 2", summary_detail=plain, content=[{"value": "a < b is so", **plain}]
    )
    assert entry.content == "<p>a &lt; b is so</p>"
    assert read(title="x", summary="1 <b>2</b>", summary_detail=plain).content == "1 <b>2</b>"
    assert read(title="x", summary="a < b", summary_detail=plain).content == ""
    assert read(title="x", summary="One.", content=[{"value": "One. Two."}]).content == "<p>One. Two.</p>"


def test_links_of_a_text_count_from_its_own_base() -> None:
    text = '<a href="c">x</a>'
    entry = read(title="x", summary=text, summary_detail={"base": "https://b.example/"}, link="/1/")
    assert 'href="https://b.example/c"' in entry.content
    entry = read(title="x", summary=text, link="/1/")
    assert 'href="https://quay.example/1/c"' in entry.content


def test_atoms_created_is_a_date_and_the_first_that_can_be_read_counts() -> None:
    moment = datetime(2026, 1, 14, tzinfo=UTC)
    assert read(title="x", published="soon", created="2026-01-14").published == moment
    assert read(title="x", updated="2026-01-14").published is None
    assert read(title="x", updated="2026-01-14").updated == moment


def test_categories_are_labels_and_terms_but_no_addresses() -> None:
    tags = [
        {"term": "https://quay.example/tags/1", "label": "Ports"},
        {"term": "ports,grain"},
        {"term": "Oil,ports", "scheme": "http://www.itunes.com/"},
        {"term": "http://quay.example/tags/2"},
    ]
    assert read(title="x", tags=tags).categories == ("Ports", "ports,grain", "Oil")
    assert len(read(title="x", tags=[{"term": f"t{n}"} for n in range(60)]).categories) == 50


def test_files_are_each_named_once_and_twenty_at_most() -> None:
    files = [{"rel": "enclosure", "href": f"/{n}.mp3", "type": "audio/mpeg"} for n in (1, 1, *range(2, 25))]
    assert read(title="x", links=files).enclosures == tuple(
        Enclosure(f"{BASE}{n}.mp3", "audio/mpeg") for n in range(1, 21)
    )
    assert read(title="x", links=[{"rel": "related", "href": "/a.mp3"}]).enclosures == ()


def test_the_original_address_replaces_that_of_a_single_file() -> None:
    files = links(("enclosure", "/proxy/1"), ("enclosure", "/proxy/2"))
    original = "https://quay.example/a.mp3"
    assert read(title="x", links=files[:1], feedburner_origenclosurelink=original).enclosures == (
        Enclosure(original),
    )
    assert len(read(title="x", links=files, feedburner_origenclosurelink=original).enclosures) == 2
    assert read(title="x", feedburner_origenclosurelink=original).enclosures == ()


@pytest.mark.parametrize(
    ("media", "is_image"),
    [
        ({"medium": "image"}, True),
        ({"type": "image/jpeg"}, True),
        ({}, True),
        ({"type": "video/mp4"}, False),
        ({"medium": "video"}, False),
        ({"url": "/a.mp4"}, False),
        ({"url": "/a.JPEG?w=1"}, True),
        ({"url": "/a.jpg.html"}, False),
    ],
)
def test_media_is_an_image_by_what_it_says_or_else_by_its_address(
    media: dict[str, str], is_image: bool
) -> None:
    assert (read(title="x", media_content=[{"url": "/a.jpg", **media}]).image is not None) is is_image


def test_images_are_looked_for_in_media_then_thumbnails_files_the_element_and_the_text() -> None:
    fields: dict[str, Any] = {
        "media_content": [{"url": "/media.jpg", "medium": "image", "width": "640", "height": "480"}],
        "media_thumbnail": [{"url": "javascript:x"}, {"url": "/thumb.jpg"}],
        "links": [{"rel": "related", "href": "/related.jpg"}, {"rel": "enclosure", "href": "/file.jpg"}],
        "image": {"href": "/element.jpg"},
        "summary": '<img src="/text.jpg">',
    }
    found = []
    for name in tuple(fields):
        entry = read(title="x", **fields)
        found.append((entry.image or "").removeprefix(BASE))
        assert entry.image_size == ((640, 480) if name == "media_content" else None)
        del fields[name]
    assert found == ["media.jpg", "thumb.jpg", "file.jpg", "element.jpg", "text.jpg"]
    assert read(title="x").image is None


def test_an_image_in_the_text_has_its_own_size_and_is_no_counting_pixel() -> None:
    pixel = '<img src="https://t.example/1.gif" width="1" height="1">'
    picture = '<img src="https://q.example/a.jpg?a=1&amp;b=2" width="320" height="200">'
    later = '<img src="https://q.example/b.jpg" width="1000" height="900">'
    entry = read(title="x", summary=f"<p>{pixel}{picture}{later}</p>")
    assert (entry.image, entry.image_size) == ("https://q.example/a.jpg?a=1&b=2", (320, 200))
    bare = read(title="x", summary=f'<p><img src="https://q.example/c.jpg">{later}</p>')
    assert (bare.image, bare.image_size) == ("https://q.example/c.jpg", None)
