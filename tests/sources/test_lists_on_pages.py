"""Lists of dated headlines on pages: what is a headline, which date is its own, and what is no list."""

import pytest

from digest.sources.pure.dates.date_finder import DateContext, DateMention
from digest.sources.pure.pages.headline_date_lists import find_headline_date_list, strip_list_heading
from digest.sources.pure.pages.headline_lists import find_lists
from digest.sources.pure.pages.list_candidates import HeadlineCandidate, find_candidates
from digest.sources.pure.pages.text_runs import TextRun, extract_runs, parse_html
from tests.sources.news_page import NOW

URL = "https://quay.example/news/"
CONTEXT = DateContext(NOW, "en")
ONE, TWO, THREE = "Grain terminal opens a berth", "Night ferry returns today", "Storm damages breakwater"


def runs_of(body: str) -> list[TextRun]:
    return extract_runs(parse_html(f"<html><body>{body}</body></html>"), base_url=URL)


def listed(body: str, own_urls: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """Titles, and days of January with their times."""
    found = find_lists(runs_of(body), CONTEXT, own_urls=own_urls).headlines
    return [(h.title, f"{h.moment:%d %H:%M}".removesuffix(" 00:00") if h.moment else h.day) for h in found]


def candidates(body: str) -> tuple[list[HeadlineCandidate], list[str]]:
    headlines, dates = find_candidates(runs_of(body), CONTEXT, frozenset())
    return headlines, [f"{d.mention.day:%d}" if d.mention else str(d.time_of_day) for d in dates]


def texts(body: str) -> list[str]:
    return [headline.text for headline in candidates(body)[0]]


def item(title: str, date: str, href: str = "") -> str:
    return f"<li><a href='/{href or title[:5]}'>{title}</a> <i class=d>{date}</i></li>"


def test_headlines_are_links_and_headings_but_not_the_pages_own() -> None:
    assert texts("<a href=/1>One title</a><a href=#x>No link</a><a>No link</a><p>words</p>") == ["One title"]
    assert texts("<h1>Page</h1><h2>Heading</h2>") == ["Heading"]
    assert texts("<h1>First</h1><h1>Second</h1>") == ["First", "Second"]
    assert texts("<a href=/1>ab</a><a href=/2>abc</a>") == ["abc"]
    assert texts(f"<a href=/1>{'x' * 301}</a><a href=/2>{'x' * 300}</a>") == ["x" * 300]
    two = item(ONE, "09.Jan.2026") + item(TWO, "08.Jan.2026")
    assert len(listed(f"<ul>{two}</ul>")) == 2
    assert listed(f"<ul>{two}</ul>", frozenset(["https://quay.example/Grain"])) == []


def score(body: str) -> int:
    (headline,) = candidates(body)[0]
    return headline.score


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<a href=/1>Words</a>", 5),
        ("<h4><a href=/1>Words</a></h4>", 805),
        ("<h2>Words</h2>", 802 + 3),
        ("<a href=/1 class=title>Words</a>", 405),
        ("<a href=/1><span class=headline>Words</span></a>", 405),
        ("<a href=/1 class=category>Words</a>", -395),
        ("<a href=/1 rel=author>Words</a>", -395),
        ("<a href=/1 itemprop=headline>Words</a>", 405),
        ("<a href=/1 class='label title'>Words</a>", 405),
        ("<h4><a href=/1 class=tag>Words</a></h4>", 405),
        ("<a href=/1>Read more…</a>", -1000),
        ("<h4><a href=/1>Read more</a></h4>", -1000),
    ],
)
def test_headings_and_classes_make_a_headline_more_likely_and_labels_less(body: str, expected: int) -> None:
    assert score(body) == expected


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        ("<p>On Monday the <a href=/1>council met</a>.</p>", []),
        ("<p>On Monday, <a href=/1>council met</a> and decides it</p>", []),
        ("<p>On Monday, <a href=/1>council met</a> and decided.</p>", ["council met"]),
        ("<p>On Monday, <a href=/1>council met</a> And it decided so</p>", ["council met"]),
        ("<p><b>Council</b> of <a href=/1>council met</a></p>", []),
        ("<p>14 Jan 2026 <a href=/1>council met</a></p>", ["council met"]),
        ("<p>14 Jan 2026 in <a href=/1>council met</a></p>", []),
        ("<p><a href=/1>council met</a></p>", ["council met"]),
        (f"<p>14 Jan 2026{' ' * 3}x{' .' * 60}<a href=/1>council met</a></p>", ["council met"]),
    ],
)
def test_a_link_within_a_sentence_is_no_headline(body: str, titles: list[str]) -> None:
    assert texts(body) == titles


@pytest.mark.parametrize(
    ("text", "title", "days"),
    [
        ("14.01.2026 Ferry runs again", "Ferry runs again", ["14"]),
        ("14 Jan | Ferry runs again", "Ferry runs again", ["14"]),
        ("14 Jan Ferry runs again", "14 Jan Ferry runs again", []),
        ("14 Jan 2026 Ferry runs again", "Ferry runs again", ["14"]),
        ("Ferry runs again - 14 Jan", "Ferry runs again", ["14"]),
        ("Ferry runs again (14 Jan 2026)", "Ferry runs again", ["14"]),
        ("Ferry runs on 14 Jan 2026", "Ferry runs on 14 Jan 2026", []),
        ("Ferry of 14 Jan 2026 is late today", "Ferry of 14 Jan 2026 is late today", []),
    ],
)
def test_a_date_at_an_end_of_a_link_is_not_of_its_headline(text: str, title: str, days: list[str]) -> None:
    headlines, dates = candidates(f"<a href=/1>{text}</a>")
    assert ([headline.text for headline in headlines], dates) == ([title], days)


@pytest.mark.parametrize(
    ("body", "dates"),
    [
        ("<p>14 Jan 2026</p>", ["14"]),
        (f"<p>14 Jan 2026 {'x' * 60}</p>", ["14"]),
        (f"<p>14 Jan 2026 {'x' * 61}</p>", []),
        (f"<a href=/1><i class=d>14 Jan 2026 {'x' * 12}</i></a>", ["14"]),
        ("<p>10:30</p>", ["10:30:00"]),
        ("<p>| 9.05 p.m. |</p>", ["21:05:00"]),
        ("<p>24:60</p>", ["0:00:00"]),
        ("<p>10:30 words</p>", []),
        ("<h3>Today</h3>", []),
        ("<a href=/1>Today</a>", []),
        ("<p>Today</p>", ["15"]),
        ("<h3><time datetime=2026-01-13>Today</time></h3>", ["13"]),
        ("<time datetime=2026-01-13>some words</time>", ["13"]),
        (f"<time datetime=2026-01-13>{'x' * 60}</time>", ["13"]),
        (f"<time datetime=2026-01-13>{'x' * 61}</time>", []),
        ("<time datetime=2026-01-13T22:00:00Z>14 Jan 2026</time>", ["14"]),
        ("<time datetime=2026-01-12T22:00:00Z>14 Jan 2026</time>", ["12"]),
        ("<time datetime=2026-01-13T22:00:00Z>14 Jan</time>", ["13"]),
    ],
)
def test_a_run_is_a_date_if_it_has_hardly_any_other_words(body: str, dates: list[str]) -> None:
    assert candidates(body)[1] == dates


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # Which side the date is on is what most of the list has; the first one where that is even.
        (f"<div><b class=d>9 Jan 2026</b><h4>{ONE}</h4><b class=d>8 Jan 2026</b><h4>{TWO}</h4></div>",
         [(ONE, "09"), (TWO, "08")]),
        (f"<div><h4>{ONE}</h4><b class=d>9 Jan 2026</b><h4>{TWO}</h4><b class=d>8 Jan 2026</b></div>",
         [(ONE, "09"), (TWO, "08")]),
        # One link with several texts: the one with a headline's class, or else the first.
        ("".join(f"<a class=x href=/{n}><i class=k>Kicker {n}</i><i class=title>{t}</i><i class=d>{n} Jan 2026</i></a>"
                 for n, t in ((9, ONE), (8, TWO))), [(ONE, "09"), (TWO, "08")]),
        ("".join(f"<a href=/{n}><i class=k>{t}</i><i class=l>And a teaser of it</i><i class=d>{n} Jan 2026</i></a>"
                 for n, t in ((9, ONE), (8, TWO))), [(ONE, "09"), (TWO, "08")]),
        # A headline of the same box that has no link takes that of the box.
        ("".join(f"<div><h4>{t}</h4><b class=d>{n} Jan 2026</b><a href=/{n}>Read more</a></div>"
                 for n, t in ((9, ONE), (8, TWO))), [(ONE, "09"), (TWO, "08")]),
        # A day's own headlines, up to the next day.
        (f"<div><p>9 Jan 2026</p><ul><li><a href=/1>{ONE}</a></li><li><a href=/2>{TWO}</a></li></ul>"
         f"<p>8 Jan 2026</p><ul><li><a href=/3>{THREE}</a></li></ul></div>", [(ONE, "09"), (TWO, "09"), (THREE, "08")]),
        (f"<div><p>9 Jan 2026</p><ul><li><a href=/1>{ONE}</a></li></ul></div>"
         f"<div><p>8 Jan 2026</p><ul><li><a href=/2>{TWO}</a></li><li><a href=/3>{THREE}</a></li></ul></div>",
         [(ONE, "09"), (TWO, "08"), (THREE, "08")]),
        # A day above times of day.
        (f"<div><h4>9 Jan 2026</h4><ul><li><b class=d>18:05</b><a href=/1>{ONE}</a></li>"
         f"<li><b class=d>9:10</b><a href=/2>{TWO}</a></li></ul></div>", [(ONE, "09 18:05"), (TWO, "09 09:10")]),
        # A headline may be 1,500 characters before its date, but no more.
        ("".join(f"<div><a href=/{n}>{t}</a><p>{'x' * 1_470}</p><p>{n} Jan 2026</p></div>"
                 for n, t in ((9, ONE), (8, TWO))), [(ONE, "09"), (TWO, "08")]),
        ("".join(f"<div><a href=/{n}>{t}</a><p>{'x' * 1_480}</p><p>{n} Jan 2026</p></div>"
                 for n, t in ((9, ONE), (8, TWO))), []),
        # Not of the same structure, addresses, quotations, comments, and names.
        (f"<ul>{item(ONE, '9 Jan 2026')}</ul>", []),
        (f"<ul>{item(ONE, '9 Jan 2026', 'a')}{item(TWO, '8 Jan 2026', 'a')}</ul>", []),
        (f"<ul>{item(ONE, '9 Jan 2026')}</ul><p><b><a href=/2>{TWO}</a></b><i class=d>8 Jan 2026</i></p>", []),
        (f"<blockquote><ul>{item(ONE, '9 Jan 2026')}{item(TWO, '8 Jan 2026')}</ul></blockquote>", []),
        (f"<ul class=replies>{item(ONE, '9 Jan 2026')}{item(TWO, '8 Jan 2026')}</ul>", []),
        (f"<ul>{item('quay.example/a', '9 Jan 2026')}{item('quay.example/bc', '8 Jan 2026', 'b')}</ul>", []),
        (f"<ul>{item('quay.example/a', '9 Jan 2026')}{item(TWO, '8 Jan 2026')}</ul>",
         [("quay.example/a", "09"), (TWO, "08")]),
        (f"<ul>{item('Seven x', '9 Jan 2026', 'a')}{item('Seven y', '8 Jan 2026', 'b')}</ul>", []),
        (f"<ul>{item('Seven x', '9 Jan 2026', 'a')}{item('Nine of y', '8 Jan 2026', 'b')}</ul>",
         [("Seven x", "09"), ("Nine of y", "08")]),
    ],
)  # fmt: skip
def test_headlines_and_their_dates_are_those_of_one_structure(
    body: str, expected: list[tuple[str, str]]
) -> None:
    assert listed(body) == expected


@pytest.mark.parametrize(
    ("form", "around"),
    [
        ("<div><h4>{title}</h4><b class=d>{day} Jan 2026</b><a href=/{day}>Read more</a></div>", ""),
        ("<h4>{title}</h4><b class=d>{day} Jan 2026</b><a href=/{day}>Read more</a>", "div"),
        ("<h4>{title}</h4><p>A teaser</p><a href=/{day}>Read more</a><b class=d>{day} Jan 2026</b>", "div"),
        ("<div><i>{day} Jan 2026</i><h4>{title}</h4><a href=/c rel=tag>Tag</a><a href=/{day}>More</a></div>", ""),
        ("<div><a href=/{day}>Another text</a><h4>{title}</h4><b class=d>{day} Jan 2026</b></div>", ""),
    ],
)  # fmt: skip
def test_a_headline_without_a_link_takes_the_one_beside_it(form: str, around: str) -> None:
    body = "".join(form.format(title=title, day=day) for day, title in ((9, ONE), (8, TWO), (7, THREE)))
    found = find_lists(runs_of(f"<{around}>{body}</{around}>" if around else body), CONTEXT)
    assert [(headline.title, headline.href[-2:]) for headline in found.headlines] == [
        (ONE, "/9"),
        (TWO, "/8"),
        (THREE, "/7"),
    ]


def test_a_headline_does_not_take_the_link_of_another_one() -> None:
    one = f"<h4>{ONE}</h4><b class=d>9 Jan 2026</b>"
    two = f"<h4>{TWO}</h4><b class=d>8 Jan 2026</b><a href=/8>Read more</a>"
    for first, second, hrefs in ((one, two, ["", "/8"]), (two, one, ["/8", ""])):
        found = find_lists(runs_of(f"<div>{first}{second}</div>"), CONTEXT)
        assert [headline.href[-2:] for headline in found.headlines] == hrefs


def test_what_belongs_to_a_list_is_named_so_that_it_is_not_of_the_article() -> None:
    found = find_lists(
        runs_of(f"<p>x</p><ul>{item(ONE, '9 Jan 2026')}{item(TWO, '8 Jan 2026')}</ul>"), CONTEXT
    )
    assert found.run_indexes == {1, 2, 3, 4}
    assert [element.tag for element in found.elements] == ["li", "li"]
    flat = f"<div><h4>{ONE}</h4><b class=d>9 Jan 2026</b><h4>{TWO}</h4><b class=d>8 Jan 2026</b></div>"
    assert [element.tag for element in find_lists(runs_of(flat), CONTEXT).elements] == ["h4", "b", "h4", "b"]


def test_a_page_lists_three_hundred_headlines() -> None:
    items = "".join(item(f"Headline number {n}", "9 Jan 2026", str(n)) for n in range(301))
    assert len(find_lists(runs_of(f"<ul>{items}</ul>"), CONTEXT).headlines) == 300


def lines(*texts: str) -> list[int]:
    """The indexes of the headlines of lines in which "date" is a date."""
    dates = {n: DateMention.at_midnight(0, 1, NOW.date()) for n, text in enumerate(texts) if text == "date"}
    return [line.headline for line in find_headline_date_list(texts, dates)]


def test_three_headlines_that_alternate_with_dates_are_a_list() -> None:
    assert lines(ONE, "date", TWO, "date", THREE, "date") == [0, 2, 4]
    assert lines("date", ONE, "date", TWO, "date", THREE) == [1, 3, 5]
    assert lines(ONE, "date", TWO, "date") == []
    assert lines(ONE, "date", TWO, "date", "x", THREE, "date") == []
    assert lines(ONE, "date", TWO, "date", "x", *(ONE, "date") * 3) == [5, 7, 9]


@pytest.mark.parametrize(
    ("line", "is_headline"),
    [
        ("x" * 8, True),
        ("x" * 7, False),
        ("x" * 250, True),
        ("x" * 251, False),
        ("It rains. It pours", False),
        ("It rained all day.", False),
        (".It rained all day", True),
        ("All day it rained!", True),
        ("Latest news", False),
        ("Latest news from Quay", True),
    ],
)
def test_prose_and_headings_of_lists_are_no_headlines(line: str, is_headline: bool) -> None:
    assert bool(lines(ONE, "date", TWO, "date", line, "date")) is is_headline


def test_a_heading_that_ran_into_a_headline_is_removed_once() -> None:
    assert strip_list_heading("Latest news: Trending words") == "Trending words"
    assert strip_list_heading("The latest news: words") == "The latest news: words"
