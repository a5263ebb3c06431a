"""The messages of digests in every language: what mail programs, spam filters and screen readers need."""

import re
from itertools import pairwise

import pytest
from lxml import html as markup

from digest.articles.pure.shown_story import ShownStory
from digest.editions.rendering import GMAIL_CLIP
from digest.i18n.catalogs import MAIL_LANGUAGES
from digest.i18n.locales import text_direction
from digest.mail.pure.mime import encode_quoted_printable
from digest.mail.templates import TEMPLATES_DIR
from tests.editions.sample_digest import body_part, build_message, make_story, parse_message, render_stories

HOST = "https://e.example/"
TITLES = {"fa": "قطار شبانه به دریاچه‌ها بازمی‌گردد", "ru": "Ночной поезд к озёрам возвращается на лето"}
# What mail programs show of CSS (caniemail.com); the list with the reasons is in docs/quality.md.
PROPERTIES = {
    "margin", "padding", "background-color", "max-width", "max-height", "display", "overflow", "font", "font-size",
    "line-height", "color", "border-top", "border-bottom", "border-color", "text-decoration",
    "word-break",
}  # fmt: skip


def several(language: str, count: int) -> list[ShownStory]:
    title = TITLES.get(language, "Night train to the lakes returns")
    return [
        make_story(f"{title} {n}", also=n % 4, language=language if n % 3 else "en")
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [1, 15, 40])
@pytest.mark.parametrize("language", MAIL_LANGUAGES)
def test_a_digest_keeps_the_rules(language: str, count: int) -> None:
    message = build_message(render_stories(several(language, count), language), language)
    body, text = body_part(message, "html"), body_part(message, "plain")
    page = markup.document_fromstring(body)
    assert page.get("lang") == language
    assert page.get("dir") == text_direction(language)
    heads = [int(str(e.tag)[1]) for e in page.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    assert heads[0] == 1
    assert heads.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(heads))
    assert {table.get("role") for table in page.iter("table")} == {"presentation"}
    assert not page.xpath("//script|//form|//iframe|//object|//img|//link")
    links = [href for a in page.iter("a") if (href := a.get("href"))]
    targets = {f"#{a.get('name')}" for a in page.iter("a")}
    assert {link for link in links if link.startswith("#")} <= targets
    links = [link for link in links if not link.startswith("#")]
    assert all(link.startswith("https://") for link in links)
    assert [link for link in links if link not in text] == []
    assert any("unsubscribe" in "".join(a.itertext()).lower() for a in page.iter("a"))
    assert "1 Test Street" in body
    assert "1 Test Street" in text
    first = next(str(words) for words in page.xpath("//body//text()") if str(words).strip())
    assert 30 <= len(first) <= 160
    assert first != parse_message(message)["Subject"]
    assert all(len(line) <= 78 or "https://" in line for line in text.splitlines())
    assert 1 <= len(str(parse_message(message)["Subject"])) <= 78
    assert len(encode_quoted_printable(body)) < GMAIL_CLIP
    assert "None" not in re.sub(r"<[^>]+>", " ", body)
    assert not re.search(r"%\(|\{\{|Slot", body + text)


@pytest.mark.parametrize("language", MAIL_LANGUAGES)
def test_the_longest_stories_of_any_language_never_reach_where_gmail_cuts(language: str) -> None:
    stories = [
        make_story("🚂ქ" * 150, excerpt="ქართული " * 40, source="ს" * 90, also=9, url=HOST + "a" * 1900)
        for _ in range(40)
    ]  # fmt: skip
    wide = ("south-eastern-asia", "southern-asia", "western-asia", "eastern-asia", "central-asia", "ge")
    message = build_message(render_stories(stories, language, note="ქ" * 3000), language, regions=wide)
    body = parse_message(message).get_body(("html",))
    assert body is not None
    assert len(str(body.get_payload())) < GMAIL_CLIP


@pytest.mark.parametrize("most", [5, 15])
def test_no_more_stories_than_the_subscriber_wants_are_in_the_mail(most: int) -> None:
    body = body_part(
        build_message(render_stories([make_story() for _ in range(20)], max_stories=most)), "html"
    )
    assert body.count("<h3") == most
    assert f"{20 - most} more on the web" in body


def test_only_the_first_story_is_the_lead() -> None:
    body = body_part(
        build_message(render_stories([make_story('class="title"'), make_story(), make_story()])), "html"
    )
    assert [h.get("class") for h in markup.document_fromstring(body).iter("h3")] == ["lead", "title", "title"]


def test_times_are_those_of_the_subscribers_zone() -> None:
    page = [make_story()]
    assert "Tue 14:00" in body_part(build_message(render_stories(page, zone="Asia/Tashkent")), "html")
    assert "Tue 09:00" in body_part(
        build_message(render_stories(page, zone="Europe/London"), zone="Europe/London"), "plain"
    )
    assert "۱۴:۰۰" in body_part(build_message(render_stories(page, "fa"), "fa"), "html")


def test_a_story_in_another_language_says_so_and_finds_its_own_direction() -> None:
    page = markup.document_fromstring(
        body_part(build_message(render_stories([make_story("خبر", language="fa"), make_story()])), "html")
    )
    heads = list(page.iter("h3"))
    assert [(h.get("lang"), h.get("dir")) for h in heads] == [("fa", "auto"), (None, "auto")]


def test_a_story_without_a_link_is_told_without_one() -> None:
    message = build_message(render_stories([make_story("No way there", url="javascript:alert(1)")]))
    body, text = body_part(message, "html"), body_part(message, "plain")
    assert not markup.document_fromstring(body).xpath("//h3/a")
    assert "No way there" in text
    assert "javascript" not in body + text


def test_forty_countries_are_not_all_named() -> None:
    codes = [
        "KZ",
        "UZ",
        "KG",
        "TJ",
        "TM",
        "GE",
        "AM",
        "AZ",
        "IR",
        "IQ",
        "TR",
        "RU",
        "UA",
        "MD",
        "RO",
        "BG",
        "GR",
        "AL",
    ]
    body = body_part(
        build_message(render_stories([make_story(countries=[*codes, *codes, "MK", "RS", "HR", "SI"])])),
        "html",
    )
    assert "Kazakhstan, Uzbekistan, Kyrgyzstan, Tajikistan, Turkmenistan</p>" in body


@pytest.mark.parametrize(
    "title",
    [
        "x" * 10_000,
        "🐎" * 50,
        "\u202egnirts",
        "\u200f\u200e",
        "{{ 7*7 }}",
        "%s %(n)s",
        "a\x00b",
        "",
        "<b>&amp;",
    ],
)
def test_odd_titles_do_no_harm(title: str) -> None:
    message = build_message(render_stories([make_story(title, excerpt=title), make_story("A quiet day")]))
    raw = body_part(message, "html")
    assert b"\x00" not in message
    assert "A quiet day" in raw
    assert "unsubscribe" in raw
    assert "\u202e" not in raw + body_part(message, "plain") + str(parse_message(message)["Subject"])
    assert 1 <= len(str(parse_message(message)["Subject"])) <= 78
    assert not parse_message(message).defects


@pytest.mark.parametrize("titles", [[" "], [" ", "\x00"], [" ", "A quiet day"]])
def test_a_subject_is_never_empty(titles: list[str]) -> None:
    message = build_message(
        render_stories([make_story(title, excerpt="It rained all day in Khujand.") for title in titles])
    )
    assert str(parse_message(message)["Subject"]).startswith(("It rained all day in Khujand.", "A quiet day"))


def test_styles_are_those_that_mail_programs_show() -> None:
    body = body_part(build_message(render_stories([make_story(also=2), make_story()], note="A note")), "html")
    inline = re.findall(r'style="([^"]*)"', body)
    block = " ".join(re.findall(r"<style.*?</style>", body, re.DOTALL))
    named = {d.partition(":")[0].strip() for style in inline for d in style.split(";") if d.strip()}
    named |= set(re.findall(r"[{;]\s*([a-z-]+):", block))
    assert named <= PROPERTIES
    assert set(re.findall(r"@[a-z-]+", block)) == {"@media"}


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast ratio of two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_all_text_stands_out_in_both_schemes() -> None:
    styles = (TEMPLATES_DIR / "styles" / name for name in ("layout.css", "digest.css"))
    css = "".join(style.read_text(encoding="utf-8") for style in styles)
    frame = (TEMPLATES_DIR / "styles" / "frame.html").read_text(encoding="utf-8")
    light = set(re.findall(r"[; ]color: (#\w{6})", css)) - {"#ffffff"}
    for colour in light:
        assert contrast(colour, "#ffffff") >= 4.5, colour
    for colour in light - {"#565d64"}:
        assert contrast(colour, "#e9f1f1") >= 4.5, colour
    assert contrast("#ffffff", "#0f5c63") >= 4.5  # the button
    dark = set(re.findall(r"[{;] ?color: (#\w{6})", frame)) - {"#101214"}
    assert dark
    for colour in dark:
        assert contrast(colour, "#16191c") >= 4.5, colour
    assert contrast("#101214", "#85c9ce") >= 4.5
