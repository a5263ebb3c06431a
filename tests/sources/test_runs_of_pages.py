"""A page's runs of text, its headline among them, what is kept of a page, and pages without markup."""

import json
from datetime import UTC, datetime

import pytest

from digest.sources.pure.entries import DocumentError
from digest.sources.pure.pages.headline_lists import ListedHeadline
from digest.sources.pure.pages.metadata import read_metadata
from digest.sources.pure.pages.page_headline import find_headline
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.pages.plain_page_parser import parse_plain_page
from digest.sources.pure.pages.text_runs import MAX_RUNS, TextRun, extract_runs, find_base_url, parse_html
from digest.sources.states import SourceKind
from tests.sources.news_page import NEWS, NOW, TEXT

URL = "https://quay.example/news/77"


def runs_of(body: str, base_url: str = URL) -> list[TextRun]:
    return extract_runs(parse_html(f"<html><body>{body}</body></html>"), base_url=base_url)


def texts_of(body: str) -> list[str]:
    return [run.text for run in runs_of(body)]


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("One <b>two</b> <span>three</span>", ["One two three"]),
        ("One <b class=x>two</b> three", ["One", "two", "three"]),
        ("One <b id=x>two</b> three", ["One", "two", "three"]),
        ("One<p>two</p>three", ["One", "two", "three"]),
        ("<a href=/1>One</a><a href=/2>two</a>", ["One", "two"]),
        ("One<!-- c --> two<script>no</script>!", ["One two!"]),
        ("One <i hidden>no</i><i style='display : none'>no</i><i style=x>two</i>", ["One two"]),
        ("One <i style='visibility:hidden'>no</i>two", ["One two"]),
        ("One<svg><text>no</text></svg><div hidden class=x>no</div> two", ["One two"]),
        ("<p> \n </p><p>One</p>", ["One"]),
        ("<time datetime=2026-01-14></time><time>now</time><p datetime=2026-01-13></p>", ["2026-01-14", "now"]),
        ("<time datetime=2026-01-14><b></b></time>", []),
    ],
)  # fmt: skip
def test_a_run_ends_where_readers_see_an_end(body: str, texts: list[str]) -> None:
    assert texts_of(body) == texts


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("<div><b class=d>09</b><b class=m>Jan</b></div>", ["09 Jan"]),
        ("<div><b class=d>Jan</b><b class=m>9</b><b class=y>2026</b></div>", ["Jan 9 2026"]),
        ("<div><b class=d>09</b><b class=m>Jan</b><b class=y>2026</b></div><p>x</p>", ["09 Jan 2026", "x"]),
        (
            "<p>x</p><div><b class=d>09.</b><b class=m>Jan</b></div><p>y</p><p>z</p>",
            ["x", "09. Jan", "y", "z"],
        ),
        ("<div><b class=d>09</b><b class=m>Jan</b> words</div>", ["09", "Jan", "words"]),
        ("<div><b class=d>1</b><b class=m>2</b></div>", ["1", "2"]),
        ("<div><b class=d>09</b><b class=m>Jan</b>" + "<i></i>" * 5 + "</div>", ["09 Jan"]),
        ("<div><b class=d>09</b><b class=m>Jan</b>" + "<i></i>" * 6 + "</div>", ["09", "Jan"]),
        ("<div><b class=d>09</b></div>", ["09"]),
    ],
)
def test_the_parts_of_a_date_badge_are_one_run(body: str, texts: list[str]) -> None:
    assert texts_of(body) == texts


def test_a_run_knows_its_link_its_heading_and_its_time() -> None:
    first, second, third, fourth, fifth = runs_of(
        "<h3>One <a href=' /1 '>two</a></h3><a href='#top'>three</a><time datetime=d>four</time><h7>five</h7>"
    )
    assert (first.heading_level, first.link, first.href) == (3, None, "")
    assert (second.heading_level, second.href, second.link is not None) == (3, "https://quay.example/1", True)
    assert (third.link is not None, third.href) == (True, "")
    assert (fourth.datetime_attribute, fourth.heading_level) == ("d", 0)
    assert fifth.heading_level == 0
    assert runs_of("<a href=x>y</a>", base_url="")[0].href == "x"


def test_a_page_has_eight_thousand_runs() -> None:
    assert len(runs_of("<p>x</p>" * 8_001)) == MAX_RUNS == 8_000


def test_links_count_from_the_first_base_that_is_one() -> None:
    page = parse_html("<base href='mailto:x'><base href='/a/'><base href='/b/'><p>x</p>")
    assert find_base_url(page, URL) == "https://quay.example/a/"
    assert find_base_url(parse_html("<p>x</p>"), URL) == URL


def headline(body: str, head: str = "") -> str:
    page = parse_html(f"<html><head>{head}</head><body>{body}</body></html>")
    return find_headline(read_metadata(page, base_url=URL), extract_runs(page, base_url=URL))


def heading(*texts: str, level: int = 1) -> str:
    return "".join(f"<h{level}>{text}</h{level}>" for text in texts)


TITLE = "<title>Ferry runs again | Quay News</title>"
SITE = '<meta property="og:site_name" content="Quay News">'
OG = '<meta property="og:title" content="{}">'


@pytest.mark.parametrize(
    ("body", "head", "expected"),
    [
        # A first-level heading that a title confirms: equal, half of it at least, or around it.
        (heading("Harbour", "Ferry runs again"), TITLE, "Ferry runs again"),
        (heading("other words", "12345"), OG.format("12345 7890"), "12345"),
        (heading("other words", "1234"), OG.format("1234 7890"), "1234 7890"),
        (heading("x", "Its title of twenty and"), OG.format("title of twenty and"), "title of twenty and"),
        (heading("x", "Its title of twenty ands"), OG.format("title of twenty ands"), "Its title of twenty ands"),
        (heading("FERRY – runs, again!"), TITLE, "FERRY – runs, again!"),
        # The name of the site is no headline, unless the metadata say so.
        (heading("Quay News", "Ferry runs again"), TITLE + SITE, "Ferry runs again"),
        (heading("QUAY NEWS", "Ferry runs"), "<title>Ferry | Quay News</title>" + SITE, "Ferry runs"),
        (heading("QUAY NEWS"), SITE + OG.format("Quay News"), "QUAY NEWS"),
        (heading("Quay News"), SITE + "<title>Quay News</title>", "Quay News"),
        # A title of the metadata, then a lower heading, then the only first-level heading.
        (heading("Some words"), OG.format("abc") + OG.format("Other title"), "Other title"),
        (heading("FERRY runs again", level=3), TITLE, "FERRY runs again"),
        (heading("Ferry runs again", level=4), TITLE.replace(" again", " again and again, and then once more"),
         "Ferry runs again and again, and then once more"),
        (heading("Ferry runs!", level=2), "<title>Ferry runs | x</title>", "Ferry runs"),
        (heading("Ferry runs again", level=3) + heading("ferry runs again", level=2), TITLE, "ferry runs again"),
        (heading("Only heading"), "<title>Quite another title | Quay News</title>", "Only heading"),
        (heading("News", "Only heading"), "", "Only heading"),
        (heading("First heading", "Second heading"), "", "First heading"),
        (heading("First heading", "Second heading"), "<title>Title</title>", "Title"),
        (heading("News"), "", ""),
        (heading("abc"), "", ""),
        (heading("x" * 501), "", ""),
        (heading("x" * 500), "", "x" * 500),
        ("<h1>Ferry <i class=x>runs</i> again</h1><h1>Ferry</h1>", TITLE, "Ferry runs again"),
    ],
)  # fmt: skip
def test_the_headline_is_the_heading_that_the_title_confirms(body: str, head: str, expected: str) -> None:
    assert headline(body, head) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Ferry runs | Quay News", "Ferry runs"),
        ("Quay News – Ferry – a boat – runs", "Ferry – a boat – runs"),
        ("Ferry – a boat – runs » Harbour | Quay News", "Ferry – a boat – runs"),
        ("Sport :: Ferry runs again | Quay News", "Ferry runs again"),
        ("Ferry – a boat that runs again – Other", "Ferry – a boat that runs again"),
        ("A | much longer part | B", "A | much longer part"),
        (" Ferry runs ", "Ferry runs"),
    ],
)
def test_the_title_loses_the_name_of_its_site_and_its_sections(title: str, expected: str) -> None:
    assert headline("", f"<title>{title}</title>" + SITE) == expected


def test_a_title_that_the_metadata_give_keeps_its_dashes() -> None:
    assert headline("", OG.format("Ferry - a boat - runs")) == "Ferry - a boat - runs"
    assert headline("", "<title>" + "word " * 200 + "</title>") == ("word " * 100)


PAGE = ParsedPage(
    headline="Ferry runs",
    date="2026-01-14",
    moment=datetime(2026, 1, 14, 8, tzinfo=UTC),
    body="x" * 2_500,
    author="Ana",
    image="https://quay.example/a.jpg",
    image_size=(640, 480),
    language="en",
    site="Quay",
    side_list=(
        ListedHeadline("Grain", "https://quay.example/1", "2026-01-13", datetime(2026, 1, 13, tzinfo=UTC)),
        ListedHeadline("Itself", URL + "#comments", "", None),
        ListedHeadline("Salt", "", "", None),
    ),
    is_article=True,
    warnings=("odd",),
)


def test_a_page_comes_back_from_another_process() -> None:
    for page in (PAGE, ParsedPage("Only a headline")):
        assert ParsedPage.deserialize(json.loads(json.dumps(page.serialize()))) == page
    assert PAGE.serialize()["kind"] == "page"


def test_a_page_is_printed_with_null_for_what_is_missing() -> None:
    printed = PAGE.as_json()
    assert printed["image"] == "https://quay.example/a.jpg"
    assert printed["side_list"][0] == {
        "title": "Grain",
        "date": "2026-01-13",
        "href": "https://quay.example/1",
    }
    assert printed["side_list"][2] == {"title": "Salt", "date": None, "href": None}
    assert ParsedPage("x").as_json()["image"] is None


def test_a_page_is_a_source_of_its_article_and_of_those_that_it_links_to() -> None:
    source = PAGE.as_source(URL + "#top")
    own, grain = source.entries
    assert (source.kind, source.title, source.language) == (SourceKind.PAGE, "Quay", "en")
    assert (own.id, own.link, own.image, own.image_size) == (URL, URL, PAGE.image, (640, 480))
    assert (own.summary, len(own.content), own.published) == ("x" * 2_000, 2_500, PAGE.moment)
    assert (grain.id, grain.title, grain.published) == (
        "https://quay.example/1", "Grain", datetime(2026, 1, 13, tzinfo=UTC)
    )  # fmt: skip
    for no_article in (ParsedPage("x"), ParsedPage("", is_article=True)):
        assert no_article.entries(URL) == ()
    assert ParsedPage("x", is_article=True).entries(URL)[0].image is None


PROSE = "\n".join(TEXT)


NEWS_LINES = "\n".join(f"{title}\n{date}" for _, title, date, _ in NEWS)


def line(length: int, end: str = ".") -> str:
    return ("word " * 60)[: length - len(end)].replace(" ", "-", 1) + end


@pytest.mark.parametrize(
    ("text", "is_article"),
    [
        (PROSE, True),
        (f"{line(60)}\n{line(59)}", True),
        (f"{line(60)}\n{line(58)}", False),
        (f"{line(59)}\n{line(59)}\n{line(59)}", False),
        (line(150, "!"), True),
        (line(150, ""), False),
        ("abcdefg123 " * 12 + ".", True),
        ("abcde12345 " * 12 + ".", False),
        ("新" * 130 + "。", True),
        (f"import os\n{TEXT[0]}", True),
        (f"import os\ndef x\n{TEXT[0]}", False),
    ],
)
def test_prose_under_a_headline_is_an_article_and_code_and_tables_are_not(
    text: str, is_article: bool
) -> None:
    assert parse_plain_page(f"Headline\n{text}\n{NEWS_LINES}", now=NOW).is_article is is_article


def test_a_headline_of_a_plain_page_has_two_hundred_and_fifty_characters() -> None:
    assert parse_plain_page(f"{line(250)}\n{PROSE}", now=NOW).headline == line(250)
    with pytest.raises(DocumentError, match="neither a feed nor a news page: it begins with 'word-word"):
        parse_plain_page(f"{line(251)}\n{PROSE}", now=NOW)


def test_a_plain_page_has_its_date_and_the_headlines_under_its_list_heading() -> None:
    found = parse_plain_page(f"Headline\nPublished 14 Jan 2026\n{PROSE}\nMost read\n{NEWS_LINES}", now=NOW)
    assert (found.headline, found.date, found.moment) == (
        "Headline",
        "2026-01-14",
        datetime(2026, 1, 14, tzinfo=UTC),
    )
    assert (found.body, found.language, len(found.side_list)) == (PROSE, "en", 4)  # fmt: skip
    only_list = parse_plain_page(f"Headline\n{NEWS_LINES}", now=NOW)
    assert (only_list.is_article, only_list.date, len(only_list.side_list)) == (False, None, 4)


def test_a_line_with_a_date_has_thirty_other_characters_at_most() -> None:
    def date(other: int) -> str | None:
        return parse_plain_page(f"Headline\n{'x' * other} 14 Jan 2026\n{PROSE}", now=NOW).date

    assert (date(30), date(31)) == ("2026-01-14", None)


def test_a_plain_page_without_words_is_refused_with_the_reason() -> None:
    with pytest.raises(DocumentError, match="the body is empty"):
        parse_plain_page(" \n ", now=NOW)
    with pytest.raises(DocumentError, match="neither a feed nor a news page"):
        parse_plain_page(f"Headline\n{' ' * 400_000}\n{PROSE}", now=NOW)
    with pytest.raises(DocumentError, match="begins with '14 Jan 2026'"):
        parse_plain_page("14 Jan 2026", now=NOW)
