"""The headline, date, text and lists of news pages with many kinds of markup."""

from datetime import UTC, datetime

import pytest

from tests.sources.news_page import (
    BODY,
    EXPECTED_LIST,
    HEADLINE,
    NEWS,
    SHAPES,
    SIDE_LIST,
    URL,
    format_each,
    listed_headlines,
    page_html,
    parse,
)


@pytest.mark.parametrize("before", [True, False], ids=["list first", "article first"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_list_is_found_in_any_markup(shape: str, before: bool) -> None:
    side = f"<div><h3>Latest news</h3>{shape}</div>"
    parsed = parse(page_html(side, byline="<p class=small>14 Jan 2026</p>", before=before))
    assert listed_headlines(parsed) == EXPECTED_LIST
    assert (parsed.headline, parsed.date) == (HEADLINE, "2026-01-14")
    assert "touch the ground" in parsed.body
    assert "breakwater" not in parsed.body


@pytest.mark.parametrize("before", [True, False], ids=["list first", "article first"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_page_without_a_date_does_not_take_one_from_its_lists(shape: str, before: bool) -> None:
    parsed = parse(page_html(f"<div><h3>Latest news</h3>{shape}</div>", before=before))
    assert parsed.date is None
    assert listed_headlines(parsed) == EXPECTED_LIST


BYLINES = {
    "alone": "<p>14 Jan 2026</p>",
    "with a name": "<div>By Jo Lane | 14 Jan 2026</div>",
    "with a linked name": "<div>By <a href='/people/jo'>Jo Lane</a>, 14 January 2026, 10:30</div>",
    "with a label": "<div><span>Published:</span> <span>January 14, 2026</span></div>",
    "updated later": "<div><span>Updated: 15 Jan 2026</span> <span>Published: 14 Jan 2026</span></div>",
    "time element": "<time datetime='2026-01-14T23:30:00-05:00'>yesterday</time>",
    "relative": "<div>1 day ago</div>",
    "with views": "<div>14.01.2026 · 1,204 views · 3 min read</div>",
    "slashes, month first": "<div>01/14/2026</div>",
    "without year": "<div>Wednesday, 14 January</div>",
    "in a table": "<table><tr><td>Jo Lane</td><td>14-Jan-2026</td></tr></table>",
}


@pytest.mark.parametrize("byline", BYLINES.values(), ids=BYLINES.keys())
@pytest.mark.parametrize("before", [True, False])
def test_the_date_beside_the_headline_is_the_date_of_the_page(byline: str, before: bool) -> None:
    parsed = parse(page_html(SIDE_LIST, byline=byline, before=before))
    assert (parsed.date, listed_headlines(parsed)) == ("2026-01-14", EXPECTED_LIST)


HEADS = {
    "json-ld": '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-01-14T08:00:00+05:00"}</script>',
    "json-ld graph": '<script type="application/ld+json">{"@graph":[{"@type":"WebSite","datePublished":"2001-01-01"},'
    '{"@type":["Article","X"],"dateModified":"2026-01-15","datePublished":"2026-01-14"}]}</script>',
    "json-ld with raw line ends": '<script type="application/ld+json">[{"@type":"ReportageNewsArticle","description":"a\nb",'
    '"datePublished":"2026-01-14"}]</script>',
    "open graph": "<meta property='article:published_time' content='2026-01-14T00:30:00+05:00'>",
    "name instead of property": "<meta name='article:published_time' content='2026-01-14'>",
    "dublin core": "<meta name='DC.date.issued' content='14 January 2026'>",
    "pubdate": "<meta name='pubdate' content='20260114'>",
    "a bad one, then a good one": "<meta property='article:published_time' content='0000-00-00'>"
    "<meta name='parsely-pub-date' content='2026-01-14T08:00:00Z'>",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
def test_the_date_in_the_metadata_comes_first(head: str) -> None:
    parsed = parse(page_html("<div>Thursday, 15 January 2026</div>" + SIDE_LIST, head=head))
    assert parsed.date == "2026-01-14"


def test_the_date_in_microdata_of_the_article_is_the_date_of_the_page() -> None:
    inner = f"<div itemscope itemtype='https://schema.org/NewsArticle'><meta itemprop=datePublished content=2026-01-14>{BODY}</div>"
    assert parse(page_html(SIDE_LIST, body=inner)).date == "2026-01-14"


@pytest.mark.parametrize("path", ["/2026/01/14/dredging", "/news/20260114/77", "/2026-01-14-dredging"])
def test_the_date_in_the_url_is_used_if_the_page_has_none(path: str) -> None:
    assert parse(page_html(SIDE_LIST), url="https://quay.example" + path).date == "2026-01-14"


@pytest.mark.parametrize(
    "place", ["<header><div class=today>14 Jan 2026</div></header>{}", "{}<p>14 Jan 2026</p>"]
)
def test_a_date_that_stands_alone_is_the_date_of_the_page(place: str) -> None:
    parsed = parse(page_html(place.format(SIDE_LIST)))
    assert (parsed.date, listed_headlines(parsed)) == ("2026-01-14", EXPECTED_LIST)


def test_an_invalid_date_in_the_head_is_ignored() -> None:
    head = "<meta property='article:published_time' content='0000-00-00'>"
    assert parse(page_html(SIDE_LIST, head=head)).date is None
    assert parse(page_html(SIDE_LIST, head=head, byline="<p>14 Jan 2026</p>")).date == "2026-01-14"


DATES = {
    "ru": ("14 января 2026, 12:30", "9 января 2026", "08.01.2026", "Вчера, 10:00"),
    "uk": ("14 січня 2026", "9 січня 2026", "8 січня", "вчора, 10:00"),
    "kk": ("14 қаңтар 2026", "9 қаңтар 2026", "2026 жылғы 8 қаңтар", "кеше"),
    "de": ("14. Januar 2026", "9. Jan. 2026", "08.01.26", "vor 1 Tag"),
    "fr": ("le 14 janvier 2026 à 10h30", "9 janvier 2026", "8 janv. 2026", "hier"),
    "es": ("14 de enero de 2026", "9 de enero de 2026", "8 ene 2026", "ayer"),
    "pt": ("14 de janeiro de 2026", "9 de janeiro de 2026", "8 jan 2026", "ontem"),
    "it": ("14 gennaio 2026", "9 gennaio 2026", "8 gen 2026", "ieri"),
    "tr": ("14 Ocak 2026", "9 Ocak 2026", "8 Oca 2026", "dün"),
    "pl": ("14 stycznia 2026", "9 stycznia 2026", "8 sty 2026", "wczoraj"),
    "hr": ("14. siječnja 2026.", "9. siječnja 2026.", "8. sij 2026.", "jučer"),
    "hu": ("2026. január 14.", "2026. január 9.", "2026.01.08.", "tegnap"),
    "lt": ("2026 m. sausio 14 d.", "2026 m. sausio 9 d.", "2026-01-08", "vakar"),
    "ar": ("١٤ يناير ٢٠٢٦", "9 يناير 2026", "8 كانون الثاني/يناير 2026", "أمس"),
    "fa": ("۲۴ دی ۱۴۰۴", "۱۹ دی ۱۴۰۴", "1404/10/18", "دیروز"),
    "ka": ("14 იანვარი 2026", "9 იანვარი 2026", "08.01.2026", "გუშინ"),
    "hy": ("14 հունվարի, 2026", "9 հունվարի 2026", "08.01.2026", "երեկ"),
    "az": ("14 yanvar 2026", "9 yanvar 2026", "08.01.2026", "dünən"),
    "zh": ("2026年1月14日", "2026年1月9日", "1月8日", "昨天"),
    "ja": ("2026年1月14日 10:30", "2026年1月9日", "2026/01/08", "1日前"),
    "ko": ("2026년 1월 14일", "2026년 1월 9일", "2026.01.08", "1일 전"),
    "th": ("14 มกราคม 2569", "9 ม.ค. 2569", "8 ม.ค. 2569", "เมื่อวาน"),
    "hi": ("14 जनवरी 2026", "9 जनवरी 2026", "8 जन॰ 2026", "कल"),
    "vi": ("14 tháng 1, 2026", "9 tháng 1, 2026", "08/01/2026", "1 ngày trước"),
}


@pytest.mark.parametrize(("language", "dates"), DATES.items(), ids=DATES.keys())
def test_dates_are_parsed_in_many_languages(language: str, dates: tuple[str, ...]) -> None:
    own_date, *listed_dates = dates
    days = ("2026-01-09", "2026-01-08", "2026-01-14")
    news = [(*NEWS[index][:2], date, days[index]) for index, date in enumerate(listed_dates)]
    side = f"<ul>{format_each('<li><a href={href}>{title}</a> <span>{date}</span></li>', news)}</ul>"
    html = page_html(side, byline=f"<div>{own_date}</div>").replace("lang='en'", f"lang='{language}'")
    parsed = parse(html)
    assert parsed.date == "2026-01-14"
    assert listed_headlines(parsed) == [(title, day) for _, title, _, day in news]


def test_a_day_above_several_times_of_day_belongs_to_all_of_them() -> None:
    side = (
        "<div><h4>14 January 2026</h4><ul><li><span>18:05</span> <a href=/a>Night ferry returns after years</a></li>"
        "<li><span>09:10</span> <a href=/b>Storm damages the breakwater</a></li></ul>"
        "<h4>13 January 2026</h4><ul><li><span>17:00</span> <a href=/c>Customs office moves east</a></li></ul></div>"
    )
    parsed = parse(page_html(side, before=False))
    assert listed_headlines(parsed) == [
        ("Night ferry returns after years", "2026-01-14"),
        ("Storm damages the breakwater", "2026-01-14"),
        ("Customs office moves east", "2026-01-13"),
    ]
    assert parsed.side_list[0].moment == datetime(2026, 1, 14, 18, 5, tzinfo=UTC)
    assert parsed.date is None


def test_the_headlines_of_two_lists_are_in_page_order_and_each_appears_once() -> None:
    read_most = (
        "<div><h3>Most read</h3><ol>"
        + format_each("<li><a href={href}>{title}</a><b class=d>{day}</b></li>", NEWS[2:])
        + ("<li><a href=/news/5>Pilots on strike again</a><b class=d>2026-01-02</b></li></ol></div>")
    )
    parsed = parse(page_html(SIDE_LIST + read_most))
    assert listed_headlines(parsed) == [*EXPECTED_LIST, ("Pilots on strike again", "2026-01-02")]


def test_a_section_page_has_a_list_and_is_not_an_article() -> None:
    html = (
        "<html><head><title>Harbour | Quay News</title></head><body><h1>Harbour</h1>"
        + SHAPES["cards"]
        + "</body></html>"
    )
    parsed = parse(html, url="https://quay.example/harbour")
    assert listed_headlines(parsed) == EXPECTED_LIST
    assert (parsed.headline, parsed.body, parsed.is_article) == ("Harbour", "", False)
    assert [entry.link for entry in parsed.entries("https://quay.example/harbour")] == [
        f"https://quay.example/news/{number}" for number in (71, 70, 69, 68)
    ]


def test_the_entries_of_an_article_page_are_its_article_and_then_the_listed_headlines() -> None:
    entries = parse(page_html(SIDE_LIST, byline="<p>14 Jan 2026</p>")).entries(URL)
    assert [entry.title for entry in entries] == [HEADLINE, *(title for title, _ in EXPECTED_LIST)]
    assert entries[0].link == URL
    assert [entry.published and entry.published.date().isoformat() for entry in entries] == [
        "2026-01-14", *(day for _, day in EXPECTED_LIST)
    ]  # fmt: skip


def test_menus_bylines_and_comments_are_not_lists() -> None:
    menu = "<ul><li><a href=/a>All about the harbour</a></li><li><a href=/b>All about the fish</a></li></ul>"
    comments = (
        "<div class=comments>"
        + format_each("<div><a href={href}>{title}</a> <span>{date}</span><p>I think so, too.</p></div>")
        + "</div>"
    )
    parsed = parse(page_html(menu, byline="<p><a href=/jo>Jo Lane</a> 14 Jan 2026</p>") + comments)
    assert parsed.side_list == ()
    assert parsed.date == "2026-01-14"


def test_dates_within_the_article_are_neither_a_list_nor_the_date_of_the_page() -> None:
    body = (
        BODY
        + "<p>On 9 January 2026 the <a href=/x>council met</a> and on 8 January 2026 the <a href=/y>board met</a> again.</p>"
    )
    parsed = parse(page_html("", body=body))
    assert (parsed.side_list, parsed.date) == ((), None)
