"""Which of the dates that a page shows is its own: near its headline, labelled, in its head, and not of other boxes."""

import pytest

from digest.sources.pure.dates.date_finder import DateContext
from digest.sources.pure.pages.metadata import read_metadata
from digest.sources.pure.pages.page_date import find_page_date
from digest.sources.pure.pages.shown_dates import DateLabel, find_shown_dates, section_tag, shows_headline
from digest.sources.pure.pages.text_runs import TextRun, extract_runs, parse_html
from tests.sources.news_page import HEADLINE, NOW

URL = "https://quay.example/news/77"
H1 = f"<h1>{HEADLINE}</h1>"
CONTEXT = DateContext(NOW, "en")
OWN, OTHER = "14 Jan 2026", "9 Jan 2026"


def page_date(
    body: str, *, head: str = "", url: str = URL, headline: str = HEADLINE, listed: tuple[int, ...] = ()
) -> str | None:
    page = parse_html(f"<html><head>{head}</head><body>{body}</body></html>")
    metadata, runs = read_metadata(page, base_url=url), extract_runs(page, base_url=url)
    found = find_page_date(metadata, runs, frozenset(listed), CONTEXT, url=url, headline=headline)
    return found.moment.isoformat().removesuffix("T00:00:00+00:00") if found else None


def published(*contents: str) -> str:
    return "".join(f'<meta name="pubdate" content="{content}">' for content in contents)


def shown(body: str) -> list[tuple[str, DateLabel]]:
    runs = extract_runs(parse_html(f"<html><body>{body}</body></html>"), base_url=URL)
    return [
        (date.mention.day.isoformat(), date.label)
        for date in find_shown_dates(runs, frozenset(), CONTEXT, HEADLINE)
    ]


def is_shown(body: str) -> bool:
    return bool(shown(body))


PUBLISHED, NONE, UPDATED = DateLabel.PUBLISHED, DateLabel.NONE, DateLabel.UPDATED


@pytest.mark.parametrize(
    ("body", "labels"),
    [
        (f"<p>{OWN}</p>", [NONE]),
        (f"<p>Published {OWN}</p>", [PUBLISHED]),
        (f"<p>Updated {OWN}</p>", [UPDATED]),
        (f"<p>Published and updated {OWN}</p>", [PUBLISHED]),
        (f"<p>Updated:</p><p>{OWN}</p>", [UPDATED]),
        (f"<p>Updated:</p><p>| {OWN}</p>", [UPDATED]),
        (f"<p>Updated:</p><p>Quay {OWN}</p>", [NONE]),
        (f"<p>Updated{'x' * 23}</p><p>{OWN}</p>", [UPDATED]),
        (f"<p>Updated{'x' * 24}</p><p>{OWN}</p>", [NONE]),
        (f"<p>Updated 3 x</p><p>{OWN}</p>", [NONE]),
        (f"<p class=published>{OWN}</p>", [PUBLISHED]),
        (f"<p>Updated {OWN}, published {OTHER}</p>", [NONE]),
        (f"<p>Published {OWN}, updated {OTHER}</p>", [PUBLISHED]),
    ],
)
def test_a_date_is_labelled_by_the_words_before_it_or_its_class(body: str, labels: list[DateLabel]) -> None:
    assert [label for _, label in shown(body)] == labels


def test_the_second_date_of_an_update_counts() -> None:
    assert shown(f"<p>Updated {OWN}, published {OTHER}</p>") == [("2026-01-09", NONE)]
    assert shown(f"<p>{OWN}, updated {OTHER}</p>") == [("2026-01-14", NONE)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<h2>{'x' * 12} {OWN}</h2>", True),
        (f"<h2>{'x' * 13} {OWN}</h2>", False),
        (f"<a href=/x>{OWN}</a>", True),
        (f"<a href=/x>by Jo {OWN}</a>", False),
        ("<p>Yesterday</p>", True),
        ("<a href=/x><i class=d>Yesterday</i></a>", False),
        (f"<p>{OWN} © Quay</p>", False),
        (f"<figcaption>{OWN}</figcaption>", False),
        (f"<div class=comment><p>{OWN}</p></div>", False),
        (f"<div id=cookie-box><p>{OWN}</p></div>", False),
        (f"<article class=comments><p>{OWN}</p></article>", True),
        (f"<p>{OWN} <a href=/x>{'word ' * 29}wor</a></p>", True),
        (f"<p>{OWN} <a href=/x>{'word ' * 29}word</a></p>", False),
        (f"<p>{OWN} <a href=/x>{'word ' * 9}wo.</a></p>", True),
        (f"<p>{OWN} <a href=/x>{'word ' * 9}wor.</a></p>", False),
        (f"<div>{OWN} <a href=/x>{'word ' * 40}</a></div>", True),
        (f"<p>{HEADLINE}</p>", False),
    ],
)
def test_dates_of_headings_links_captions_boxes_and_prose_are_not_shown_ones(
    body: str, expected: bool
) -> None:
    assert is_shown(body) is expected


def test_a_long_part_of_the_headline_shows_it() -> None:
    assert shows_headline(HEADLINE, HEADLINE)
    assert shows_headline(HEADLINE[:21], HEADLINE)
    assert not shows_headline(HEADLINE[:20], HEADLINE)
    assert not shows_headline("x" * 30, HEADLINE)
    assert not shows_headline("", "")


@pytest.mark.parametrize(
    ("body", "tag"),
    [
        ("<header><p>x</p></header>", "header"),
        ("<article><header><p>x</p></header></article>", "article"),
        ("<main><div><header><p>x</p></header></div></main>", "article"),
        ("<nav><header><p>x</p></header></nav>", "header"),
        ("<article><footer><p>x</p></footer></article>", "footer"),
        ("<aside><div><p>x</p></div></aside>", "aside"),
        ("<p>x</p>", ""),
    ],
)
def test_the_section_of_a_run_is_its_nearest_one(body: str, tag: str) -> None:
    (run,) = extract_runs(parse_html(f"<html><body>{body}</body></html>"), base_url=URL)
    assert isinstance(run, TextRun)
    assert section_tag(run) == tag


CHANGES = "<meta name=lastmod content=x><meta name=last-modified content=2026-01-12>"


def far(characters: int) -> str:
    return f"<p>{'x' * characters}</p>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # The nearest one after the headline; those before it and of updates are second choices.
        (f"{H1}<p>{OWN}</p><p>{OTHER}</p>", OWN),
        (f"<p>{OTHER}</p>{H1}<p>{OWN}</p>", OWN),
        (f"<p>{OTHER}</p>{far(9)}<p>{OWN}</p>{H1}", OWN),
        (f"{H1}<p>Updated {OTHER}</p><p>{OWN}</p>", OWN),
        (f"<p>{OWN}</p>{H1}<p>Updated {OTHER}</p>", OWN),
        (f"{H1}<p>Updated {OWN}</p>", OWN),
        (f"<p>{HEADLINE}</p><p>{OTHER}</p>{far(900)}{H1}<p>{OWN}</p>", OWN),
        # At most 700 characters away; further away one that says that it is of publication is better.
        (f"{H1}{far(700)}<p>{OWN}</p>{far(9)}<p>Published {OTHER}</p>", OWN),
        (f"{H1}{far(701)}<p>{OTHER}</p>{far(9)}<p>Published {OWN}</p>", OWN),
        (f"{H1}{far(701)}<p>{OWN}</p>", OWN),
        # Headers, asides and footers do not count, unless they are near, in the article.
        (f"<header><p>{OTHER}</p></header>{H1}<p>{OWN}</p>", OWN),
        (f"<header><p>{OTHER}</p></header>{H1}{far(800)}<p>{OWN}</p>", OWN),
        (f"<header><p>{OTHER}</p></header>{H1}", OTHER),
        (f"<header><p>{OWN}</p>{H1}</header>{far(701)}<p>Published {OTHER}</p>", OWN),
        (f"{H1}<aside><p>{OTHER}</p></aside>{far(300)}<p>{OWN}</p>", OWN),
        (f"<article>{H1}{far(150)}<aside><p>{OWN}</p></aside></article>{far(9)}<p>{OTHER}</p>", OWN),
        (f"<article>{H1}{far(151)}<aside><p>{OTHER}</p></aside></article>{far(9)}<p>{OWN}</p>", OWN),
        # Without a headline any date outside of the periphery.
        (f"<header><p>{OTHER}</p></header><p>{OWN}</p>", OWN),
        (f"<nav><p>{OWN}</p></nav>", OWN),
    ],
)
def test_the_date_is_the_best_beside_the_headline(body: str, expected: str) -> None:
    assert page_date(body) == ("2026-01-14" if expected == OWN else "2026-01-09")


WORDS = "ports, harbours and also news of all the ships"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>QUAY, 14 January 2026. The harbour is open again after the storm of Sunday, said the board.</p>", True),
        ("<p>14.01.2026 - The harbour is open again after the storm of Sunday, the board said in the hall.</p>", True),
        ("<p>The harbour was open on 14 January 2026. The storm of Sunday had closed it, the board said.</p>", False),
        (f"<p>This entry was posted on 14 January 2026 and is filed under {WORDS}.</p>", True),
        ("<p>This entry was posted on 14 January 2026 and is filed under" + " ports" * 24 + "</p>", False),
        (f"<p>This entry was posted on 14 January and is filed under {WORDS}.</p>", False),
        (f"<p>© This entry was posted on 14 January 2026 and is filed under {WORDS}.</p>", False),
        (f"<nav><p>This entry was posted on 14 January 2026 and is filed under {WORDS}.</p></nav>", False),
        (f"<p class=comment>This entry was posted on 14 January 2026 and is filed under {WORDS}.</p>", False),
        (f"<a href=/x>This entry was posted on 14 January 2026 and is filed under {WORDS}.</a>", False),
    ],
)  # fmt: skip
def test_a_text_says_its_date_where_it_begins_or_that_it_was_published(body: str, expected: bool) -> None:
    assert page_date(H1 + body) == ("2026-01-14" if expected else None)
    assert page_date(H1 + body, listed=(1,)) is None


@pytest.mark.parametrize(
    ("contents", "body", "expected"),
    [
        (["2026-01-14"], f"{H1}<p>Updated {OTHER}</p>", "2026-01-14"),
        (["soon", "2026-01-14"], "", "2026-01-14"),
        # The day that the page shows near its headline is right, and may be another one of the metadata.
        (["2026-01-12", "2026-01-14T08:00:00Z"], f"{H1}<p>{OWN}</p>", "2026-01-14T08:00:00+00:00"),
        (["2026-01-13T22:00:00Z"], f"{H1}<p>{OWN}</p>", "2026-01-13T22:00:00+00:00"),
        (["2026-01-10"], f"{H1}<p>{OWN}</p>", "2026-01-14"),
        (["2026-01-10"], f"{H1}{far(300)}<p>{OWN}</p>", "2026-01-14"),
        (["2026-01-10"], f"{H1}{far(301)}<p>{OWN}</p>", "2026-01-10"),
        (["2026-01-10"], f"<p>{OWN}</p>{H1}", "2026-01-10"),
        (["2026-01-10"], f"{H1}<p>14 January</p>", "2026-01-10"),
        (["2026-01-10"], f"{H1}<p>Updated {OWN}</p>", "2026-01-10"),
        (["2026-01-10"], f"{H1}<p>Updated {OTHER}</p><p>{OWN}</p>", "2026-01-14"),
        (["2026-01-10"], f"<p>{OWN}</p>", "2026-01-10"),
        (["2026-01-10"], f"{H1}<p>11 Dec 2025</p>", "2025-12-11"),
        (["2026-01-10"], f"{H1}<p>10 Dec 2025</p>", "2026-01-10"),
        # 11/01 is a day of January or of November: the one that the page shows.
        (["11/01/2025"], "<p>1 Nov 2025</p>", "2025-11-01"),
        (["11/01/2025"], "<p>11 Jan 2025</p>", "2025-01-11"),
    ],
)
def test_a_date_of_the_metadata_is_settled_by_what_the_page_shows(
    contents: list[str], body: str, expected: str
) -> None:
    assert page_date(body, head=published(*contents)) == expected


@pytest.mark.parametrize(
    ("path", "body", "head", "expected"),
    [
        ("/2026/01/14/x", "", "", "2026-01-14"),
        ("/20260114-x", "", "", "2026-01-14"),
        ("/2026/01-14", "", "", None),
        ("/12026/01/14", "", "", None),
        ("/2026/01/145", "", "", None),
        ("/2026/13/14", "", "", None),
        ("/2026/01/14/x", "<p>Published 9 Jan 2026</p>", "", "2026-01-09"),
        ("/2026/01/14/x", "<p>9 Jan 2026</p>", "", "2026-01-14"),
        ("/2026/01/14/x", f"{H1}<p>9 Jan 2026</p>", "", "2026-01-09"),
        ("/2026/01/14/x", f"{H1}<p>9 January</p>", "", "2026-01-14"),
        ("/x", f"{H1}<p>9 January</p>", "", "2026-01-09"),
        ("/x", f"{H1}<p>20 December</p>{far(900)}<p>20 Dec 2024</p>", "", "2024-12-20"),
        ("/2026/01/14/x", "", published("2026-01-10"), "2026-01-10"),
        ("/2026/01/14/x", "", published("2026-01-10", "2026-01-14"), "2026-01-14"),
        ("/2026/01/14/x", "", published("2026-01-13T22:00:00Z"), "2026-01-13T22:00:00+00:00"),
        ("/2026/01/14/x", "", "<meta name=lastmod content=2026-01-12>", "2026-01-14"),
        ("/x", "<p>9 Jan 2026</p>", CHANGES, "2026-01-12"),
    ],
)  # fmt: skip
def test_the_address_and_a_change_count_after_what_is_published(
    path: str, body: str, head: str, expected: str | None
) -> None:
    assert page_date(body, head=head, url="https://quay.example" + path) == expected
    if not body:
        canonical = f'<link rel=canonical href="https://quay.example{path}">'
        assert page_date("", head=head + canonical, url="") == expected
