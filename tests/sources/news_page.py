"""A news page for tests: an article beside a list of dated headlines."""

from collections.abc import Sequence
from datetime import UTC, datetime

from digest.sources.documents import parse_document
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
EXPECTED_LIST = [(title, day) for _, title, _, day in NEWS]


def page_html(side: str, *, head: str = "", byline: str = "", before: bool = True, body: str = BODY) -> str:
    """An article page with the list `side` before or after the article."""
    article = f"<div class='c'><h1>{HEADLINE}</h1>{byline}{body}</div>"
    inner = side + article if before else article + side
    return (
        f"<!doctype html><html lang='en'><head><title>{HEADLINE} - Quay News</title>{head}</head><body>"
        f"<div class='top'><a href='/'>Quay News</a> <a href='/about'>About us</a></div>{inner}"
        "<footer>© 2010-2026 Quay News. Updated daily.</footer></body></html>"
    )


def parse(html: str, *, url: str = URL, now: datetime = NOW) -> ParsedPage:
    parsed = parse_document(html.encode(), url=url, now=now)
    assert isinstance(parsed, ParsedPage)
    return parsed


def listed_headlines(parsed: ParsedPage) -> list[tuple[str, str]]:
    """Titles and days of the page's lists."""
    return [(headline.title, headline.day) for headline in parsed.side_list]


def format_each(template: str, news: Sequence[tuple[str, str, str, str]] = NEWS) -> str:
    return "".join(
        template.format(href=href, title=title, date=date, day=day) for href, title, date, day in news
    )


SHAPES: dict[str, str] = {
    "list items": f"<ul>{format_each('<li><a href={href}>{title}</a> <span>{date}</span></li>')}</ul>",
    "date first": f"<ul>{format_each('<li><span>{date}</span> <a href={href}>{title}</a></li>')}</ul>",
    "bare date first": f"<ul>{format_each('<li>{date} <a href={href}>{title}</a></li>')}</ul>",
    "date in the link, behind": f"<ul>{format_each('<li><a href={href}>{title} <em class=d>{date}</em></a></li>')}</ul>",
    "date in the link, before": f"<ul>{format_each('<li><a href={href}><i class=d>{date}</i>{title}</a></li>')}</ul>",
    "date in the link's words": f"<ul>{format_each('<li><a href={href}>{date} {title}</a></li>')}</ul>",
    "date in brackets": f"<ul>{format_each('<li><a href={href}>{title}</a> ({date})</li>')}</ul>",
    "date in the link's words, at their end": f"<ul>{format_each('<li><a href={href}>{title} ({date})</a></li>')}</ul>",
    "table": f"<table>{format_each('<tr><td>{date}</td><td><a href={href}>{title}</a></td></tr>')}</table>",
    "table, two rows each": f"<table>{format_each('<tr><td><a href={href}>{title}</a></td></tr><tr><td>{date}</td></tr>')}</table>",
    "definition list": f"<dl>{format_each('<dt>{date}</dt><dd><a href={href}>{title}</a></dd>')}</dl>",
    "definition list, date behind": f"<dl>{format_each('<dt><a href={href}>{title}</a></dt><dd>{date}</dd>')}</dl>",
    "flat with breaks": f"<div>{format_each('<a href={href}>{title}</a><br>{date}<br>')}</div>",
    "flat with breaks, date first": f"<div>{format_each('{date}<br><a href={href}>{title}</a><br>')}</div>",
    "paragraphs by turns": f"<div>{format_each('<p><a href={href}>{title}</a></p><p>{date}</p>')}</div>",
    "div soup": "<div><div>"
    + format_each("<div><div><div><div><a href={href}>{title}</a></div></div></div><div><div>{date}</div></div></div>")
    + "</div></div>",
    "cards": format_each(
        "<section class=card><a href={href}><img src=x.jpg></a><a href=/harbour>Harbour</a><h3><a href={href}>{title}</a></h3>"
        "<p>A teaser of some words that says more than the headline does.</p><span>{date} | 3 comments</span>"
        "<a href={href}>Read more</a></section>"
    ),
    "one link around a card": format_each(
        "<a class=card href={href}><img src=x.jpg><span class=label>Harbour</span><h4>{title}</h4>"
        "<p>A teaser of some words that says more than the headline does.</p><time>{date}</time></a>"
    ),
    "time elements": "<aside>"
    + format_each("<article><h3><a href={href}>{title}</a></h3><time datetime={day}T08:00:00+05:00>some time ago</time></article>")
    + "</aside>",
    "heading without link": "<div>"
    + format_each("<div><h4>{title}</h4><small>{date}</small><a href={href}>Read more</a></div>")
    + "</div>",
    "no links": f"<div><h3>Latest news</h3>{format_each('<p>{title}</p><p>{date}</p>')}</div>",
    "label and author": "<div>"
    + format_each("<div><a class=category href=/harbour/all-the-news-of-the-harbour-and-more>Everything about the harbour and the sea</a>"
           "<a class=title href={href}>{title}</a><span>By <a class=author href=/people/1>Jo Lane</a></span><span>{date}</span></div>")
    + "</div>",
}  # fmt: skip
SIDE_LIST = f"<div class='side'><h3>Latest news</h3>{SHAPES['list items']}</div>"
