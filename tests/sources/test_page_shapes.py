"""Headline, date, text and lists of news pages, in the many shapes in which sites write them."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from digest.sources.documents import read_document
from digest.sources.pure.pages.parsed_page import ParsedPage

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
URL = "https://quay.example/news/77"
TEXT = (
    "The harbour board voted on Monday to dredge the northern channel, its chair said after the meeting in the old customs house.",
    "Skippers had complained for years that loaded barges touch the ground at low water, and insurers had begun to refuse cover.",
    "The work is to begin in spring and will cost some four million, half of which the province has promised to pay.",
)
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT)
HEADLINE = "Northern channel to be dredged"
NEWS = (
    ("/news/71", "Grain terminal opens a second berth", "09.Jan.2026", "2026-01-09"),
    ("/news/70", "Night ferry returns after ten years", "08.Jan.2026", "2026-01-08"),
    ("/news/69", "Storm damages the breakwater", "07.Jan.2026", "2026-01-07"),
    ("/news/68", "Customs office moves to the east quay", "06.Jan.2026", "2026-01-06"),
)
WANTED = [(title, day) for _, title, _, day in NEWS]


def page(side: str, *, head: str = "", byline: str = "", before: bool = True, body: str = BODY) -> str:
    article = f"<div class='c'><h1>{HEADLINE}</h1>{byline}{body}</div>"
    inner = side + article if before else article + side
    return (
        f"<!doctype html><html lang='en'><head><title>{HEADLINE} - Quay News</title>{head}</head><body>"
        f"<div class='top'><a href='/'>Quay News</a> <a href='/about'>About us</a></div>{inner}"
        "<footer>© 2010-2026 Quay News. Updated daily.</footer></body></html>"
    )


def read(html: str, *, url: str = URL, now: datetime = NOW) -> ParsedPage:
    found = read_document(html.encode(), url=url, now=now)
    assert isinstance(found, ParsedPage)
    return found


def listed(found: ParsedPage) -> list[tuple[str, str]]:
    return [(one.title, one.day) for one in found.side_list]


def each(form: str, news: Sequence[tuple[str, str, str, str]] = NEWS) -> str:
    return "".join(form.format(href=href, title=title, date=date, day=day) for href, title, date, day in news)


SHAPES: dict[str, str] = {
    "list items": f"<ul>{each('<li><a href={href}>{title}</a> <span>{date}</span></li>')}</ul>",
    "date first": f"<ul>{each('<li><span>{date}</span> <a href={href}>{title}</a></li>')}</ul>",
    "bare date first": f"<ul>{each('<li>{date} <a href={href}>{title}</a></li>')}</ul>",
    "date in the link, behind": f"<ul>{each('<li><a href={href}>{title} <em class=d>{date}</em></a></li>')}</ul>",
    "date in the link, before": f"<ul>{each('<li><a href={href}><i class=d>{date}</i>{title}</a></li>')}</ul>",
    "date in the link's words": f"<ul>{each('<li><a href={href}>{date} {title}</a></li>')}</ul>",
    "date in brackets": f"<ul>{each('<li><a href={href}>{title}</a> ({date})</li>')}</ul>",
    "date in the link's words, at their end": f"<ul>{each('<li><a href={href}>{title} ({date})</a></li>')}</ul>",
    "table": f"<table>{each('<tr><td>{date}</td><td><a href={href}>{title}</a></td></tr>')}</table>",
    "table, two rows each": f"<table>{each('<tr><td><a href={href}>{title}</a></td></tr><tr><td>{date}</td></tr>')}</table>",
    "definition list": f"<dl>{each('<dt>{date}</dt><dd><a href={href}>{title}</a></dd>')}</dl>",
    "definition list, date behind": f"<dl>{each('<dt><a href={href}>{title}</a></dt><dd>{date}</dd>')}</dl>",
    "flat with breaks": f"<div>{each('<a href={href}>{title}</a><br>{date}<br>')}</div>",
    "flat with breaks, date first": f"<div>{each('{date}<br><a href={href}>{title}</a><br>')}</div>",
    "paragraphs by turns": f"<div>{each('<p><a href={href}>{title}</a></p><p>{date}</p>')}</div>",
    "div soup": "<div><div>"
    + each("<div><div><div><div><a href={href}>{title}</a></div></div></div><div><div>{date}</div></div></div>")
    + "</div></div>",
    "cards": each(
        "<section class=card><a href={href}><img src=x.jpg></a><a href=/harbour>Harbour</a><h3><a href={href}>{title}</a></h3>"
        "<p>A teaser of some words that says more than the headline does.</p><span>{date} | 3 comments</span>"
        "<a href={href}>Read more</a></section>"
    ),
    "one link around a card": each(
        "<a class=card href={href}><img src=x.jpg><span class=label>Harbour</span><h4>{title}</h4>"
        "<p>A teaser of some words that says more than the headline does.</p><time>{date}</time></a>"
    ),
    "time elements": "<aside>"
    + each("<article><h3><a href={href}>{title}</a></h3><time datetime={day}T08:00:00+05:00>some time ago</time></article>")
    + "</aside>",
    "heading without link": "<div>"
    + each("<div><h4>{title}</h4><small>{date}</small><a href={href}>Read more</a></div>")
    + "</div>",
    "no links": f"<div><h3>Latest news</h3>{each('<p>{title}</p><p>{date}</p>')}</div>",
    "label and author": "<div>"
    + each("<div><a class=category href=/harbour/all-the-news-of-the-harbour-and-more>Everything about the harbour and the sea</a>"
           "<a class=title href={href}>{title}</a><span>By <a class=author href=/people/1>Jo Lane</a></span><span>{date}</span></div>")
    + "</div>",
}  # fmt: skip


@pytest.mark.parametrize("before", [True, False], ids=["list first", "article first"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_list_is_found_whatever_its_markup_is(shape: str, before: bool) -> None:
    side = f"<div><h3>Latest news</h3>{shape}</div>"
    found = read(page(side, byline="<p class=small>14 Jan 2026</p>", before=before))
    assert listed(found) == WANTED
    assert (found.headline, found.date) == (HEADLINE, "2026-01-14")
    assert "touch the ground" in found.body
    assert "breakwater" not in found.body


@pytest.mark.parametrize("before", [True, False], ids=["list first", "article first"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_page_that_says_no_date_has_none_of_its_lists(shape: str, before: bool) -> None:
    found = read(page(f"<div><h3>Latest news</h3>{shape}</div>", before=before))
    assert found.date is None
    assert listed(found) == WANTED


SIDE = f"<div class='side'><h3>Latest news</h3>{SHAPES['list items']}</div>"
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
def test_the_date_by_the_headline_is_the_pages(byline: str, before: bool) -> None:
    found = read(page(SIDE, byline=byline, before=before))
    assert (found.date, listed(found)) == ("2026-01-14", WANTED)


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
def test_what_the_page_tells_machines_comes_first(head: str) -> None:
    found = read(page("<div>Thursday, 15 January 2026</div>" + SIDE, head=head))
    assert found.date == "2026-01-14"


def test_microdata_tells_the_date_of_the_pages_own_article() -> None:
    inner = f"<div itemscope itemtype='https://schema.org/NewsArticle'><meta itemprop=datePublished content=2026-01-14>{BODY}</div>"
    assert read(page(SIDE, body=inner)).date == "2026-01-14"


@pytest.mark.parametrize("path", ["/2026/01/14/dredging", "/news/20260114/77", "/2026-01-14-dredging"])
def test_the_address_tells_the_date_where_the_page_does_not(path: str) -> None:
    assert read(page(SIDE), url="https://quay.example" + path).date == "2026-01-14"


@pytest.mark.parametrize(
    "place", ["<header><div class=today>14 Jan 2026</div></header>{}", "{}<p>14 Jan 2026</p>"]
)
def test_a_date_that_stands_alone_is_the_pages(place: str) -> None:
    found = read(page(place.format(SIDE)))
    assert (found.date, listed(found)) == ("2026-01-14", WANTED)


def test_a_bad_date_in_the_head_is_no_date() -> None:
    head = "<meta property='article:published_time' content='0000-00-00'>"
    assert read(page(SIDE, head=head)).date is None
    assert read(page(SIDE, head=head, byline="<p>14 Jan 2026</p>")).date == "2026-01-14"


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
def test_dates_are_read_in_many_languages(language: str, dates: tuple[str, ...]) -> None:
    own, *others = dates
    days = ("2026-01-09", "2026-01-08", "2026-01-14")
    news = [(*NEWS[place][:2], date, days[place]) for place, date in enumerate(others)]
    side = f"<ul>{each('<li><a href={href}>{title}</a> <span>{date}</span></li>', news)}</ul>"
    html = page(side, byline=f"<div>{own}</div>").replace("lang='en'", f"lang='{language}'")
    found = read(html)
    assert found.date == "2026-01-14"
    assert listed(found) == [(title, day) for _, title, _, day in news]


def test_a_day_above_several_times_is_the_day_of_all_of_them() -> None:
    side = (
        "<div><h4>14 January 2026</h4><ul><li><span>18:05</span> <a href=/a>Night ferry returns after years</a></li>"
        "<li><span>09:10</span> <a href=/b>Storm damages the breakwater</a></li></ul>"
        "<h4>13 January 2026</h4><ul><li><span>17:00</span> <a href=/c>Customs office moves east</a></li></ul></div>"
    )
    found = read(page(side, before=False))
    assert listed(found) == [
        ("Night ferry returns after years", "2026-01-14"),
        ("Storm damages the breakwater", "2026-01-14"),
        ("Customs office moves east", "2026-01-13"),
    ]
    assert found.side_list[0].moment == datetime(2026, 1, 14, 18, 5, tzinfo=UTC)
    assert found.date is None


def test_two_lists_of_a_page_are_both_read_in_its_order_each_headline_once() -> None:
    read_most = (
        "<div><h3>Most read</h3><ol>"
        + each("<li><a href={href}>{title}</a><b class=d>{day}</b></li>", NEWS[2:])
        + ("<li><a href=/news/5>Pilots on strike again</a><b class=d>2026-01-02</b></li></ol></div>")
    )
    found = read(page(SIDE + read_most))
    assert listed(found) == [*WANTED, ("Pilots on strike again", "2026-01-02")]


def test_a_section_page_lists_and_is_no_article_itself() -> None:
    html = (
        "<html><head><title>Harbour | Quay News</title></head><body><h1>Harbour</h1>"
        + SHAPES["cards"]
        + "</body></html>"
    )
    found = read(html, url="https://quay.example/harbour")
    assert listed(found) == WANTED
    assert (found.headline, found.body, found.is_article) == ("Harbour", "", False)
    assert [entry.link for entry in found.entries("https://quay.example/harbour")] == [
        f"https://quay.example/news/{n}" for n in (71, 70, 69, 68)
    ]


def test_an_article_page_yields_its_own_article_and_then_what_it_lists() -> None:
    entries = read(page(SIDE, byline="<p>14 Jan 2026</p>")).entries(URL)
    assert [entry.title for entry in entries] == [HEADLINE, *(title for title, _ in WANTED)]
    assert entries[0].link == URL
    assert [entry.published and entry.published.date().isoformat() for entry in entries] == [
        "2026-01-14", *(day for _, day in WANTED)
    ]  # fmt: skip


def test_menus_bylines_and_readers_comments_are_no_lists() -> None:
    menu = "<ul><li><a href=/a>All about the harbour</a></li><li><a href=/b>All about the fish</a></li></ul>"
    comments = (
        "<div class=comments>"
        + each("<div><a href={href}>{title}</a> <span>{date}</span><p>I think so, too.</p></div>")
        + "</div>"
    )
    found = read(page(menu, byline="<p><a href=/jo>Jo Lane</a> 14 Jan 2026</p>") + comments)
    assert found.side_list == ()
    assert found.date == "2026-01-14"


def test_dates_within_the_article_are_no_list_and_not_the_pages() -> None:
    body = (
        BODY
        + "<p>On 9 January 2026 the <a href=/x>council met</a> and on 8 January 2026 the <a href=/y>board met</a> again.</p>"
    )
    found = read(page("", body=body))
    assert (found.side_list, found.date) == ((), None)


HEADLINES: dict[str, Callable[[str], str]] = {
    "the site's name is a heading, too": lambda h: h.replace("<a href='/'>Quay News</a>", "<h1><a href='/'>Quay News</a></h1>"),
    "in pieces": lambda h: h.replace(HEADLINE, "Northern <em>channel</em> to be <span class=x>dredged</span>", 2).replace(
        "<title>Northern <em>channel</em> to be <span class=x>dredged</span>", f"<title>{HEADLINE}"),
    "no heading": lambda h: h.replace("<h1>", "<div>").replace("</h1>", "</div>"),
    "a second heading": lambda h: h.replace("<h1>", "<h2>").replace("</h1>", "</h2>"),
    "a kicker above": lambda h: h.replace("<h1>", "<h1>Harbour</h1><h1>"),
    "no title": lambda h: h.replace(f"<title>{HEADLINE} - Quay News</title>", ""),
}  # fmt: skip


@pytest.mark.parametrize("change", HEADLINES.values(), ids=HEADLINES.keys())
def test_the_headline_is_the_articles_and_not_the_sites(change: Callable[[str], str]) -> None:
    assert read(change(page(SIDE))).headline == HEADLINE


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Quay News | Pilots on strike", "Pilots on strike"),
        ("Pilots on strike » Harbour » Quay News", "Pilots on strike"),
        ("Well-known pilot retires – Quay News", "Well-known pilot retires"),
        ("Pilots on strike", "Pilots on strike"),
    ],
)
def test_a_title_is_read_without_the_sites_name(title: str, wanted: str) -> None:
    html = f"<html><head><title>{title}</title><meta property='og:site_name' content='Quay News'></head><body>{BODY}</body></html>"
    assert read(html).headline == wanted


def test_author_picture_and_language_are_read() -> None:
    head = (
        '<meta property="og:image" content="/ship.jpg"><script type="application/ld+json">{"@type":"NewsArticle",'
        '"author":[{"name":"Jo Lane"},{"name":"Ann Ray"}]}</script>'
    )
    found = read(page("", head=head))
    assert (found.author, found.image, found.language) == (
        "Jo Lane, Ann Ray",
        "https://quay.example/ship.jpg",
        "en",
    )


def test_the_size_of_a_pages_picture_is_read_with_it() -> None:
    size = '<meta property="og:image:width" content="1200"><meta property="og:image:height" content="630">'
    found = read(page("", head='<meta property="og:image" content="/ship.jpg">' + size))
    assert (found.image, found.image_size) == ("https://quay.example/ship.jpg", (1200, 630))
    assert read(page("", head=size)).image_size is None
    assert found == type(found).from_letter(json.loads(json.dumps(found.as_letter())))


def test_the_language_is_told_from_the_text_where_nothing_says_it() -> None:
    paragraphs = "".join(
        f"<p>{text}</p>"
        for text in (
            "Совет порта в понедельник решил углубить северный фарватер, сообщил его председатель после заседания.",
            "Капитаны годами жаловались на то, что гружёные баржи при низкой воде касаются дна, а страховщики отказывали.",
        )
    )
    found = read(
        f"<html><head><title>Фарватер углубят</title></head><body><h1>Фарватер углубят</h1>{paragraphs}</body></html>"
    )
    assert (found.headline, found.language) == ("Фарватер углубят", "ru")


PLAIN = "{headline}\n\n{text}\nLatest news{list}\n{date}\n"


def test_a_page_without_any_markup_is_read() -> None:
    news = "\n".join(f"{title}\n{date}" for _, title, date, _ in NEWS)
    text = PLAIN.format(headline=HEADLINE, text="\n".join(TEXT), list=news, date="\n14 Jan 2026")
    found = read(text)
    assert (found.headline, found.date, listed(found)) == (HEADLINE, "2026-01-14", WANTED)
    assert found.body.splitlines() == list(TEXT)
    assert found.is_article


def test_a_page_without_markup_and_date_has_none_of_its_lists() -> None:
    news = "\n".join(f"{date}\n{title}" for _, title, date, _ in NEWS)
    found = read(PLAIN.format(headline=HEADLINE, text="\n".join(TEXT), list="\n" + news, date=""))
    assert (found.date, listed(found)) == (None, WANTED)
