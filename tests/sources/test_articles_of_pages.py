"""The article of a page: its text without lists and hidden parts, whether it is one, and how its dates are read."""

import pytest

from digest.sources.pure.entries import DocumentError
from digest.sources.pure.pages import page_parser
from digest.sources.pure.pages.page_parser import parse_page
from digest.sources.pure.pages.parsed_page import ParsedPage
from tests.sources.news_page import BODY, HEADLINE, NOW, SIDE_LIST, TEXT

URL = "https://quay.example/news/77"
H1 = f"<h1>{HEADLINE}</h1>"
ARTICLE = '<meta property="og:type" content="article">'


def parse(body: str, *, head: str = "", url: str = URL, language: str = "") -> ParsedPage:
    text = f'<html lang="{language}"><head>{head}</head><body>{body}</body></html>'
    return parse_page(text, url=url, now=NOW)


def paragraph(length: int) -> str:
    return (
        f"<p>{('The harbour board voted on Monday to dredge the channel, its chair said. ' * 9)[:length]}</p>"
    )


def test_the_text_is_without_lists_and_hidden_parts_but_with_what_stands_behind_them() -> None:
    hidden = "<p hidden>A hidden paragraph that is long enough to be taken for a part of the article's own text.</p>"
    parsed = parse(f"<div>{H1}{BODY}{hidden}</div>{SIDE_LIST}")
    assert parsed.body.splitlines() == list(TEXT)
    inline = f"<p>{TEXT[0]}<span style='display:none'>secret</span> And that is not all of it.</p>"
    begun = f"<p><span hidden>secret</span>{TEXT[1]}</p>"
    between = f"<p>Before <b>bold</b> <span hidden>secret</span>{TEXT[2]} <i hidden>x</i>Behind.</p>"
    body = parse(f"<div>{H1}{inline}{begun}{between}</div>").body
    assert body.splitlines() == [
        f"{TEXT[0]} And that is not all of it.", TEXT[1], f"Before bold {TEXT[2]} Behind."
    ]  # fmt: skip
    assert parse(f"<div>{H1}<p>{HEADLINE}</p>{BODY}</div>").body.startswith(HEADLINE) is False


@pytest.mark.parametrize(
    ("body", "head", "url", "is_article"),
    [
        (H1 + paragraph(199), "", URL, False),
        (H1 + paragraph(200), "", URL, True),
        (H1 + paragraph(150), ARTICLE, URL, True),
        (H1, ARTICLE, URL, False),
        (H1 + paragraph(300), "", "https://quay.example/", False),
        (H1 + paragraph(300), "", "", True),
        (H1 + paragraph(300) + SIDE_LIST, "", URL, False),
        (H1 + paragraph(300) + f"<p>{TEXT[1][:79]}.</p>" + SIDE_LIST, "", URL, True),
        (H1 + paragraph(300) + f"<p>{TEXT[1][:78]}.</p>" + SIDE_LIST, "", URL, False),
    ],
)
def test_an_article_has_two_hundred_characters_and_beside_a_list_two_paragraphs(
    body: str, head: str, url: str, is_article: bool
) -> None:
    assert parse(body, head=head, url=url).is_article is is_article


def test_a_page_without_an_article_and_a_list_has_a_headline_at_least(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert parse(H1).warnings == ("this page has no article text and no list of dated headlines",)
    assert parse(H1 + SIDE_LIST).warnings == ()
    with pytest.raises(DocumentError, match="neither an article nor a list"):
        parse("<nav></nav>")
    monkeypatch.setattr(page_parser, "MAX_RUNS", 3)
    assert "only the first 3 pieces of text were read" in parse(H1 + "<p>x</p>" * 2).warnings
    assert parse(H1 + BODY[: BODY.index("</p>")]).warnings == ()


def test_a_page_that_is_too_deep_has_no_text_of_an_article() -> None:
    def nested(depth: int) -> ParsedPage:
        # <html>, <body> and <p> are three of the elements
        return parse("<div>" * (depth - 3) + H1 + paragraph(300) + "</div>" * (depth - 3))

    assert nested(150).body
    assert not nested(151).body
    assert "too large or too deeply nested" in nested(151).warnings[0]
    assert not parse(H1 + BODY + "<i></i>" * 20_000).body


def test_the_language_is_stated_or_that_of_the_text_or_of_the_headline() -> None:
    assert parse(H1 + BODY, language="kk").language == "kk"
    assert parse(H1 + BODY).language == "en"
    headline = "Министры двух стран встретились в старом портовом городе на берегу моря"
    assert parse(f"<h1>{headline}</h1>").language == "ru"


@pytest.mark.parametrize(
    ("others", "language", "url", "day"),
    [
        ("", "en", URL, "2026-02-01"),
        ("", "en-US", URL, "2026-01-02"),
        ("", "en-GB", "https://quay.us/x", "2026-02-01"),
        ("", "us", URL, "2026-02-01"),
        ("", "zh-Hant", "https://quay.ph/x", "2026-01-02"),
        ("", "en", "https://quay.us/x", "2026-01-02"),
        ("", "en", "https://quay.com/x", "2026-02-01"),
        ("", "", "", "2026-02-01"),
        ("<p>01/13/2025</p>", "en", URL, "2026-01-02"),
        ("<p>01/13/2025</p><p>01/02/2025</p>", "en", URL, "2026-01-02"),
        ("<p>01/12/2025</p>", "en", URL, "2026-02-01"),
        ("<p>13/01/2025</p>", "en-US", URL, "2026-02-01"),
        ("<p>12/01/2025</p>", "en-US", URL, "2026-01-02"),
    ],
)
def test_days_and_months_are_in_the_order_of_other_dates_or_of_the_country(
    others: str, language: str, url: str, day: str
) -> None:
    page = f'<html lang="{language}"><body>{H1}<p>1/2/2026</p>{BODY}{others}</body></html>'
    now = NOW.replace(month=3)
    assert parse_page(page, url=url, now=now).date == day


def test_the_long_paragraphs_are_the_text_where_nothing_else_is_found() -> None:
    link = f"<p><a href=/x>{TEXT[0]}</a></p>"
    parsed = parse(f"<aside>{paragraph(80)}{paragraph(79)}{link}<div>{TEXT[1]}</div></aside>")
    assert len(parsed.body) == 80
