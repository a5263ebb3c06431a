"""More markup of real sites: dates in many notations and languages, further shapes of lists, and dates of other things."""

from dataclasses import dataclass

import pytest

from tests.sources.news_page import (
    BODY,
    EXPECTED_LIST,
    HEADLINE,
    NEWS,
    URL,
    format_each,
    listed_headlines,
    parse,
)

TITLES = [title for _, title, _, _ in NEWS]
DAYS = [day for *_, day in NEWS]
SHORT_DATES = ("Jan 9, 2026", "Jan 8, 2026", "Jan 7, 2026", "Jan 6, 2026")
ITEM = "<li><a href={href}>{title}</a><span>{date}</span></li>"


def page_html(
    inner: str, *, head: str = "", language: str = "en", title: str = f"{HEADLINE} - Quay News"
) -> str:
    return f"<!doctype html><html lang='{language}'><head><title>{title}</title>{head}</head><body>{inner}</body></html>"


def format_dated(template: str, dates: tuple[str, ...] = SHORT_DATES, around: str = "<ul>{}</ul>") -> str:
    news = [(href, title, date, day) for (href, title, _, day), date in zip(NEWS, dates, strict=True)]
    return around.format(format_each(template, news))


LATEST = f"<h3>Latest news</h3>{format_dated(ITEM)}"
# The page's own date, and those of its list.
NOTATIONS = {
    "en-US": ("01/14/2026", "1/9/2026", "1/8/2026", "1/7/2026", "1/6/2026"),
    "en-GB": ("14/01/2026", "09/01/2026", "08/01/2026", "07/01/2026", "06/01/2026"),
    "en": ("Wednesday, January 14th, 2026 at 3:45 PM EST", "Friday, January 9, 2026", "JAN 08 2026", "Wed, January 7, 2026", "JANUARY 6, 2026"),
    "de": ("Stand: 14.01.2026, 10:30 Uhr", "09.01.", "08.01., 10:30", "Mi., 7. Januar 2026", "Di., 6. Jan. 2026"),
    "ru": ("14 января 2026 года, 12:10", "18:20, 9 января", "17:10, 8 января", "07.01.26", "10:00 06.01.2026"),
    "fr": ("Publié le mercredi 14 janvier 2026 à 10h30", "09 janv. 2026", "08/01/2026", "07/01", "06 janv. 2026"),
    "es": ("Miércoles, 14 de enero del 2026", "9/ene/2026", "8/ene/2026", "7 de enero", "6/ene/2026"),
    "ar": ("الأربعاء ١٤ يناير ٢٠٢٦", "٠٩/٠١/٢٠٢٦", "8 كانون الثاني/يناير 2026", "7 يناير، 2026", "٦ يناير ٢٠٢٦"),
    "he": ("14 בינואר 2026", "9 בינואר 2026", "8 בינואר 2026", "7 בינואר", "06.01.2026"),
    "fa": ("چهارشنبه ۲۴ دی ۱۴۰۴ - ۱۰:۳۰", "۱۴۰۴/۱۰/۱۹", "۱۴۰۴/۱۰/۱۸", "۱۷ دی ۱۴۰۴", "۱۴۰۴/۱۰/۱۶"),
    "ur": ("14 جنوری 2026", "9 جنوري 2026", "8 جنوری 2026", "7 جنوری 2026", "6 جنوری 2026"),
    "ja": ("2026/01/14 10:30 更新", "2026/01/09", "1月8日", "01-07", "2026/01/06"),
    "ko": ("입력 2026.01.14 10:30", "2026.01.09", "2026.01.08", "01-07 10:30", "2026.01.06"),
    "zh": ("2026-01-14 10:30:05 来源：新华", "01-09", "01-08", "01-07", "01-06"),
    "tr": ("14 Ocak 2026 Çarşamba 10:30", "9 Ocak 2026", "8 Oca 2026", "7 Ocak 2026", "06.01.2026"),
    "ky": ("14-январь, 2026", "9-январь, 2026", "8-январь, 2026", "7-январь, 2026", "6-январь"),
    "tg": ("14 январи соли 2026", "9 январи 2026", "8 январи соли 2026", "07.01.2026", "6 январ 2026"),
    "uz": ("14-yanvar 2026, 10:30", "9 yanvar 2026", "8 yanvar 2026", "7-yanvar", "06.01.2026"),
    "bn": ("১৪ জানুয়ারি ২০২৬", "৯ জানুয়ারী ২০২৬", "৮ জানুয়ারি ২০২৬", "৭ জানুয়ারি ২০২৬", "০৬/০১/২০২৬"),
    "el": ("14 Ιανουαρίου 2026", "9 Ιανουαρίου 2026", "8 Ιανουαρίου 2026", "7 Ιαν 2026", "06/01/2026"),
    "cs": ("14. ledna 2026", "9. 1. 2026", "8. 1. 2026", "7. ledna 2026", "6. 1. 2026"),
    "fi": ("Julkaistu 14.1.2026 klo 10.30", "9.1.2026", "8.1.2026 klo 9.15", "7.1.2026", "6.1.2026"),
}  # fmt: skip


@pytest.mark.parametrize(("language", "dates"), NOTATIONS.items(), ids=NOTATIONS.keys())
def test_dates_are_parsed_in_many_notations(language: str, dates: tuple[str, ...]) -> None:
    own_date, *listed_dates = dates
    inner = f"<h1>{HEADLINE}</h1><p>{own_date}</p>{BODY}{format_dated(ITEM, tuple(listed_dates))}"
    parsed = parse(page_html(inner, language=language))
    assert (parsed.date, listed_headlines(parsed)) == ("2026-01-14", EXPECTED_LIST)


LISTS = {
    "day and month in boxes of their own": format_dated(
        "<div><div><b class=day>{date}</b><b class=month>Jan</b></div><h4><a href={href}>{title}</a></h4></div>",
        ("09", "08", "07", "06"), "<div>{}</div>",
    ),
    "an empty time element": format_dated("<li><a href={href}>{title}</a> <time datetime='{day}'></time></li>"),
    "a time of day and a date": format_dated("<li><b class=t>10:30</b> <a href={href}>{title}</a> <i class=d>{date}</i></li>"),
    "a section before the date": format_dated(
        "<div><a class=cat href=/c>Politics</a> / {date}<h4><a href={href}>{title}</a></h4></div>", around="<div>{}</div>"
    ),
    "a name before the date": format_dated(
        "<div><h4><a href={href}>{title}</a></h4><p>A teaser that tells in a few more words what it was about.</p>"
        "<div><span>Jo Lane</span> <span>{date}</span></div></div>", around="<div>{}</div>",
    ),
    "a picture's link first": format_dated(
        "<div><a href={href}><img src=i.jpg></a><div><span>{date}</span><a href={href}>{title}</a></div></div>", around="<div>{}</div>"
    ),
    "a hidden date": format_dated("<li><a href={href}>{title}</a> <i class=d>{date}</i><i style='display:none'>Dec 1, 2020</i></li>"),
    "headings of both": format_dated("<h5>{date}</h5><h4><a href={href}>{title}</a></h4>", around="<div>{}</div>"),
    "a grid": "<table><tr>" + format_dated("<td><a href={href}><img src=i></a><br><a href={href}>{title}</a><br><small>{date}</small></td>", around="{}") + "</tr></table>",
    "days ago": format_dated(ITEM, ("6 days ago", "7 days ago", "8 days ago", "9 days ago")),
}  # fmt: skip


@pytest.mark.parametrize("side", LISTS.values(), ids=LISTS.keys())
def test_more_shapes_of_lists_are_found(side: str) -> None:
    parsed = parse(page_html(f"<h1>{HEADLINE}</h1><p>14 Jan 2026</p>{BODY}{side}"))
    assert (parsed.date, listed_headlines(parsed)) == ("2026-01-14", EXPECTED_LIST)
    assert "breakwater" not in parsed.body


def test_all_headlines_under_a_day_have_that_day() -> None:
    days = (("9 January 2026", NEWS[:2]), ("8 January 2026", NEWS[2:]))
    side = "".join(
        f"<h4>{day}</h4><ul>{format_each('<li><a href={href}>{title}</a></li>', news)}</ul>"
        for day, news in days
    )
    parsed = parse(page_html(f"<h1>{HEADLINE}</h1><p>14 Jan 2026</p>{BODY}{side}"))
    assert listed_headlines(parsed) == list(
        zip(TITLES, ("2026-01-09", "2026-01-09", "2026-01-08", "2026-01-08"), strict=True)
    )


@pytest.mark.parametrize(
    "title",
    ["May 9 parade is called off", "March 8 marchers may be fined", "What happened on 3 January 2026 at sea", "10.5 million for the quay"],
)  # fmt: skip
def test_a_date_within_a_headline_is_not_its_date_of_publication(title: str) -> None:
    news = [*NEWS[:1], ("/news/50", title, "08.Jan.2026", "2026-01-08"), *NEWS[2:]]
    parsed = parse(
        page_html(f"<h1>{HEADLINE}</h1><p>14 Jan 2026</p>{BODY}<ul>{format_each(ITEM, news)}</ul>")
    )
    assert listed_headlines(parsed) == [(title, day) for _, title, _, day in news]


@dataclass
class DatedPage:
    """The inner HTML of a page, and its expected date."""

    inner: str
    date: str | None = "2026-01-14"
    head: str = ""
    url: str = URL


H1 = f"<h1>{HEADLINE}</h1>"
DATES = {
    "first and last": DatedPage(f"{H1}<p>First published 14 January 2026 | Last updated 15 January 2026</p>{BODY}{LATEST}"),
    "last and first": DatedPage(f"{H1}<p>Last updated: 15 Jan 2026 09:00 — Published: 14 Jan 2026 22:00</p>{BODY}{LATEST}"),
    "a change alone": DatedPage(f"{H1}<p>Updated: 14 Jan 2026</p>{BODY}{LATEST}"),
    "without year, behind an address": DatedPage(f"{H1}<address>By <a rel=author href=/jo>Jo Lane</a></address><i class=s>|</i><span>January 14</span>{BODY}{LATEST}"),
    "above the headline": DatedPage(f"<main><header><p class=k>Harbour · 14 Jan 2026</p>{H1}</header>{BODY}</main>{LATEST}"),
    "behind the text, the list first": DatedPage(f"<aside>{LATEST}</aside><article>{H1}{BODY}<p>14.01.2026</p></article>"),
    "today's in the header": DatedPage(f"<header>Thursday, 15 January 2026 <a href=/>Quay</a></header>{H1}<p>Jan 14, 2026</p>{BODY}{LATEST}"),
    "today's in the header, its own behind the text": DatedPage(
        f"<header><div>Thursday, 15 January 2026</div></header>{H1}{BODY}<p class=m>Posted on: 2026-01-14 in <a href=/h>Harbour</a></p>{LATEST}"
    ),
    "in a caption": DatedPage(f"{H1}<figure><img src=x><figcaption>The channel on 2 January 2026.</figcaption></figure><p>14 Jan 2026</p>{BODY}{LATEST}"),
    "in a caption alone": DatedPage(f"{H1}<figure><img src=x><figcaption>2 January 2026</figcaption></figure>{BODY}{LATEST}", None),
    "of rights alone": DatedPage(f"{H1}{BODY}{LATEST}<footer>© Quay News, 1 January 2026</footer>", None),
    "of readers": DatedPage(f"{H1}<p>14 Jan 2026</p>{BODY}<div class=comment><b>Al</b> 15 Jan 2026<p>Good.</p></div><div class=comment><b>Bo</b> 15 Jan 2026<p>Bad.</p></div>{LATEST}"),
    "of events to come": DatedPage(f"{H1}<p>14 Jan 2026</p>{BODY}{LATEST}<ul><li><a href=/e/1>Regatta on the river</a> 20 May 2026</li></ul>"),
    "in crumbs": DatedPage(f"<nav><a href=/2026/>2026</a> › <a href=/2026/01/>January</a></nav>{H1}<p>By Jo Lane | Jan 14, 2026</p>{BODY}{LATEST}"),
    "in the address, run together": DatedPage(f"{H1}{BODY}{LATEST}", url="https://quay.example/a20260114-dredged.html"),
    "in the address, without a day": DatedPage(f"{H1}{BODY}{LATEST}", None, url="https://quay.example/2026/01/dredged"),
    "of a list in the metadata": DatedPage(
        f"{H1}<p>14 January 2026</p>{BODY}{LATEST}",
        head='<script type="application/ld+json">{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","headline":"Storm","datePublished":"2026-01-09"}]}</script>',
    ),
    "in the metadata, and a later one shown": DatedPage(
        f"{H1}<p>Updated January 15, 2026</p>{BODY}{LATEST}",
        head='<script type="application/ld+json">{"@graph":[{"@type":"BreadcrumbList"},{"@type":"NewsArticle","datePublished":"2026-01-14T22:00:00Z"}]}</script>',
    ),
    "with a zone without colon": DatedPage(f"{H1}{BODY}{LATEST}", head="<meta property='article:published_time' content='2026-01-14T23:30:00-0500'>"),
    "hours ago": DatedPage(f"{H1}<p>Published 26 hours ago</p>{BODY}{LATEST}"),
}  # fmt: skip


@pytest.mark.parametrize("page", DATES.values(), ids=DATES.keys())
def test_the_date_of_the_page_is_not_one_of_its_other_dates(page: DatedPage) -> None:
    parsed = parse(page_html(page.inner, head=page.head), url=page.url)
    assert (parsed.headline, parsed.date) == (HEADLINE, page.date)
    assert listed_headlines(parsed)[: len(EXPECTED_LIST)] == EXPECTED_LIST
