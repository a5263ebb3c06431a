"""News pages: headline, author, picture and language, and pages without markup."""

import json
from collections.abc import Callable

import pytest

from tests.sources.news_page import (
    BODY,
    EXPECTED_LIST,
    HEADLINE,
    NEWS,
    SIDE_LIST,
    TEXT,
    listed_headlines,
    page_html,
    parse,
)

HEADLINES: dict[str, Callable[[str], str]] = {
    "the site's name is a heading, too": lambda html: html.replace("<a href='/'>Quay News</a>", "<h1><a href='/'>Quay News</a></h1>"),
    "in pieces": lambda html: html.replace(HEADLINE, "Northern <em>channel</em> to be <span class=x>dredged</span>", 2).replace(
        "<title>Northern <em>channel</em> to be <span class=x>dredged</span>", f"<title>{HEADLINE}"),
    "no heading": lambda html: html.replace("<h1>", "<div>").replace("</h1>", "</div>"),
    "a second heading": lambda html: html.replace("<h1>", "<h2>").replace("</h1>", "</h2>"),
    "a kicker above": lambda html: html.replace("<h1>", "<h1>Harbour</h1><h1>"),
    "no title": lambda html: html.replace(f"<title>{HEADLINE} - Quay News</title>", ""),
}  # fmt: skip


@pytest.mark.parametrize("change", HEADLINES.values(), ids=HEADLINES.keys())
def test_the_headline_is_that_of_the_article_and_not_the_name_of_the_site(
    change: Callable[[str], str],
) -> None:
    assert parse(change(page_html(SIDE_LIST))).headline == HEADLINE


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Quay News | Pilots on strike", "Pilots on strike"),
        ("Pilots on strike » Harbour » Quay News", "Pilots on strike"),
        ("Well-known pilot retires – Quay News", "Well-known pilot retires"),
        ("Pilots on strike", "Pilots on strike"),
    ],
)
def test_the_name_of_the_site_is_removed_from_a_title(title: str, headline: str) -> None:
    html = f"<html><head><title>{title}</title><meta property='og:site_name' content='Quay News'></head><body>{BODY}</body></html>"
    assert parse(html).headline == headline


def test_author_picture_and_language_are_parsed() -> None:
    head = (
        '<meta property="og:image" content="/ship.jpg"><script type="application/ld+json">{"@type":"NewsArticle",'
        '"author":[{"name":"Jo Lane"},{"name":"Ann Ray"}]}</script>'
    )
    parsed = parse(page_html("", head=head))
    assert (parsed.author, parsed.image, parsed.language) == (
        "Jo Lane, Ann Ray",
        "https://quay.example/ship.jpg",
        "en",
    )


def test_the_size_of_the_picture_is_parsed() -> None:
    size = '<meta property="og:image:width" content="1200"><meta property="og:image:height" content="630">'
    parsed = parse(page_html("", head='<meta property="og:image" content="/ship.jpg">' + size))
    assert (parsed.image, parsed.image_size) == ("https://quay.example/ship.jpg", (1200, 630))
    assert parse(page_html("", head=size)).image_size is None
    assert parsed == type(parsed).deserialize(json.loads(json.dumps(parsed.serialize())))


def test_the_language_is_detected_from_the_text_if_the_page_does_not_declare_it() -> None:
    paragraphs = "".join(
        f"<p>{text}</p>"
        for text in (
            "Совет порта в понедельник решил углубить северный фарватер, сообщил его председатель после заседания.",
            "Капитаны годами жаловались на то, что гружёные баржи при низкой воде касаются дна, а страховщики отказывали.",
        )
    )
    parsed = parse(
        f"<html><head><title>Фарватер углубят</title></head><body><h1>Фарватер углубят</h1>{paragraphs}</body></html>"
    )
    assert (parsed.headline, parsed.language) == ("Фарватер углубят", "ru")


PLAIN_PAGE = "{headline}\n\n{text}\nLatest news{list}\n{date}\n"


def test_a_page_without_markup_is_parsed() -> None:
    news = "\n".join(f"{title}\n{date}" for _, title, date, _ in NEWS)
    text = PLAIN_PAGE.format(headline=HEADLINE, text="\n".join(TEXT), list=news, date="\n14 Jan 2026")
    parsed = parse(text)
    assert (parsed.headline, parsed.date, listed_headlines(parsed)) == (HEADLINE, "2026-01-14", EXPECTED_LIST)
    assert parsed.body.splitlines() == list(TEXT)
    assert parsed.is_article


def test_a_page_without_markup_and_date_does_not_take_one_from_its_list() -> None:
    news = "\n".join(f"{date}\n{title}" for _, title, date, _ in NEWS)
    parsed = parse(PLAIN_PAGE.format(headline=HEADLINE, text="\n".join(TEXT), list="\n" + news, date=""))
    assert (parsed.date, listed_headlines(parsed)) == (None, EXPECTED_LIST)
