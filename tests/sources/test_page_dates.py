"""The date of a page: machine values, words for today, headlines and prose that name dates, refused dates."""

from datetime import UTC, datetime

import pytest

from digest.sources.documents import parse_document
from digest.sources.pure.dates.date_finder import DateContext, find_date
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.text.prose import ends_sentence, reading_length

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
BODY = (
    "<p>The harbour office said that the ferry line will open soon and that tickets will be sold at the quay.</p>"
    * 4
)
H1 = "<h1>A new ferry for the island</h1>"


def find_page_date(
    inner: str, *, head: str = "", language: str = "en", url: str = "https://quay.example/n/7"
) -> str | None:
    html = f'<!doctype html><html lang="{language}"><head><title>Quay</title>{head}</head><body><article>{inner}{BODY}</article></body></html>'
    parsed = parse_document(html.encode(), url=url, now=NOW)
    assert isinstance(parsed, ParsedPage)
    return parsed.date


def published(value: str) -> str:
    return f'<meta property="article:published_time" content="{value}">'


@pytest.mark.parametrize(
    "value",
    ["20261112T145153Z", "20261112T14:51:53Z", "2026-W46-4", "2026-316", "Thu Nov 12 15:51:53 CET 2026", "1794495113", "1794495113000",
     "Thu Nov 12 2026 14:51:53 GMT+0000 (Coordinated Universal Time)", "12 พ.ย. 2569", "1405/08/21 18:21", "2026年11月12日 下午2:51", "12 تشرين الثاني / نوفمبر 2026"],
)  # fmt: skip
def test_a_machine_value_is_read_as_such(value: str) -> None:
    assert find_page_date(f"{H1}<div>Ferries: 3 June</div>", head=published(value)) == "2026-11-12"


@pytest.mark.parametrize(
    "inner",
    ['<a href="/x">Hier</a>', "<h2>Hier</h2>", "<p>Hier finden Sie alle Beiträge</p>", "<div>Hier, im Hafen</div>", '<div class="cookie-box"><a href="#">hier</a></div>',
     "<li>Arduino (hier Nano)</li>", "<div>Ieri</div>", "<div>Ma</div>", "<div>Jana</div>", "<div>2 hours ago</div>"],
)  # fmt: skip
def test_words_of_other_languages_are_no_dates(inner: str) -> None:
    assert (
        find_page_date(f"{H1}{inner}<div>Von A. L. am 12. November 2026</div>", language="de") == "2026-11-12"
    )


@pytest.mark.parametrize(
    "inner",
    ['<a href="/today">Today</a>', "<h3>Today</h3>", "<div>By Jo Today</div>", "<div>Today: the vote in the north</div>", "<div>Leo | Today at the quay</div>"],
)  # fmt: skip
def test_words_for_today_are_no_date_in_links_headings_and_bylines(inner: str) -> None:
    assert find_page_date(f"{H1}{inner}<div>12 November 2026</div>") == "2026-11-12"


@pytest.mark.parametrize(
    ("language", "line", "expected"),
    [("fr", "Hier", "2026-11-28"), ("de", "Gestern, 12:30 Uhr", "2026-11-28"), ("en", "Published: 26 hours ago", "2026-11-28"), ("ru", "Вчера, 10:00", "2026-11-28"),
     ("bs", "prije 26 minuta", "2026-11-29"), ("ja", "昨日", "2026-11-28"), ("no", "i går", "2026-11-28"), ("es", "hace una hora", "2026-11-29"), ("id", "hari ini", "2026-11-29")],
)  # fmt: skip
def test_words_of_the_page_s_language_alone_in_their_line_are_dates(
    language: str, line: str, expected: str
) -> None:
    assert find_page_date(f"{H1}<div>{line}</div>", language=language) == expected


@pytest.mark.parametrize(
    "headline",
    ["Vote on 20 December: what is at stake", "Results of the race, 19.5.2007", "Council meets on June 3", "Der Streik vom 5. Mai 2024 und seine Folgen", "3月4日の事故で何が起きたか"],
)  # fmt: skip
def test_a_date_in_the_headline_is_no_dateline(headline: str) -> None:
    assert find_page_date(f'<h1>{headline}</h1><div class="date">12 November 2026</div>') == "2026-11-12"
    assert find_page_date(f"<h1>{headline}</h1>") is None


@pytest.mark.parametrize(
    ("language", "prose"),
    [("ja", "港大学は3月4日、教員が学生情報を保存したメモリを紛失したと発表した。"), ("zh", "市政府3月4日宣布，港口的新码头将于明年正式投入使用！"),
     ("ko", "항만청은 3월 4일 새로운 부두가 내년에 문을 열 것이라고 발표했습니다."), ("hi", "बंदरगाह कार्यालय ने 4 मार्च 2026 को कहा कि नई नौका सेवा जल्द शुरू होगी।"),
     ("ar", "هل يفتتح الميناء الرصيف الجديد في 4 مارس 2026 أم يؤجل الافتتاح إلى الشتاء؟")],
)  # fmt: skip
def test_a_date_in_prose_of_any_script_is_no_dateline(language: str, prose: str) -> None:
    assert (
        find_page_date(f"{H1}<p>{prose}</p><time>2026年3月9日（月） 08時15分</time>", language=language)
        == "2026-03-09"
    )


@pytest.mark.parametrize(
    ("language", "line"),
    [("zh", "1975年1月28日出生"), ("en", "Born 28 January 1975"), ("de", "geboren am 28. Januar 1975"), ("en", "Conference: 3 May 2031"), ("en", "28 January in the year 1975"),
     ("ja", "昭和50年1月28日生まれ"), ("en", "January 28, 1875")],
)  # fmt: skip
def test_a_refused_full_date_is_not_read_without_its_year(language: str, line: str) -> None:
    assert find_date(line, DateContext(NOW, language)) is None
    assert (
        find_page_date(f"{H1}<ul><li>{line}</li></ul><div>2026-11-12</div>", language=language)
        == "2026-11-12"
    )


@pytest.mark.parametrize("line", ["20 December", "Dec. 20", "20. Dezember", "20 декабря", "12月20日"])
def test_a_day_to_come_is_not_taken_for_last_year_s(line: str) -> None:
    assert find_date(line, DateContext(NOW)) is None
    in_january = DateContext(datetime(2027, 1, 3, tzinfo=UTC))
    mention = find_date(line, in_january)
    assert mention
    assert mention.day.isoformat() == "2026-12-20"


@pytest.mark.parametrize(
    ("language", "shown", "url", "expected"),
    [("de", "Erstellt am: 01.11.2026", "https://quay.example/n", "2026-11-01"), ("de", "1. November 2026", "https://quay.example/n", "2026-11-01"),
     ("de", "11. Januar 2026", "https://quay.example/n", "2026-01-11"), ("de", "", "https://quay.example/2026/11/01/n", "2026-11-01"),
     ("en-US", "", "https://quay.example/n", "2026-11-01"), ("en", "", "https://quay.com.ph/n", "2026-11-01"), ("de", "", "https://quay.example/n", "2026-01-11")],
)  # fmt: skip
def test_an_ambiguous_value_is_settled_by_the_date_shown_then_by_the_country(
    language: str, shown: str, url: str, expected: str
) -> None:
    assert (
        find_page_date(
            f"{H1}<div>{shown}</div>", head=published("11/01/2026 12:43:42"), language=language, url=url
        )
        == expected
    )


@pytest.mark.parametrize(
    ("value", "shown", "url"),
    [("2026-11-13T01:15:00Z", "November 12, 2026 8:15 PM", "https://quay.example/n"), ("2026-11-11T23:15:00Z", "12. November 2026", "https://quay.example/n"),
     ("2026-11-11T16:15:00Z", "2026年11月12日", "https://quay.example/n"), ("2026-11-13T01:15:00Z", "", "https://quay.example/2026/11/12/ferry"),
     ("2026-11-05T08:00:00Z", "12.11.2026", "https://quay.example/n")],
)  # fmt: skip
def test_the_day_that_the_page_shows_beside_its_headline_counts(value: str, shown: str, url: str) -> None:
    assert find_page_date(f"{H1}<div>{shown}</div>", head=published(value), url=url) == "2026-11-12"


@pytest.mark.parametrize(
    "shown", ["Updated November 20, 2026", "Stand: 20.11.2026", "20 hours ago", "Letzte Änderung: 20.11.2026"]
)
def test_an_update_is_not_the_publication(shown: str) -> None:
    assert find_page_date(f"{H1}<div>{shown}</div>", head=published("2026-11-12T08:00:00Z")) == "2026-11-12"


ARTICLE = '<div itemscope itemtype="https://schema.org/NewsArticle">{}</div>'


@pytest.mark.parametrize(
    "nested",
    ['<div itemprop="comment" itemscope itemtype="https://schema.org/Comment"><meta itemprop="datePublished" content="2026-10-01"></div>',
     '<div itemprop="video" itemscope itemtype="https://schema.org/VideoObject"><span itemprop="datePublished">2026-10-01</span></div>',
     '<div itemprop="hasPart" itemscope itemtype="https://schema.org/NewsArticle"><meta itemprop="datePublished" content="2026-10-01"></div>',
     '<div itemprop="image" itemscope itemtype="https://schema.org/ImageObject"><time itemprop="datePublished" datetime="2026-10-01"></time></div>',
     '<div itemscope itemtype="https://schema.org/Event"><meta itemprop="dateCreated" content="2026-10-01"></div>'],
)  # fmt: skip
def test_items_nested_in_the_article_are_not_the_article_s(nested: str) -> None:
    inner = ARTICLE.format(f'{nested}{H1}<meta itemprop="datePublished" content="2026-11-12">')
    assert find_page_date(inner) == "2026-11-12"


@pytest.mark.parametrize(
    "block",
    ['{"@type":"NewsArticle","hasPart":{"@type":"NewsArticle","datePublished":"2026-10-01"},"datePublished":"2026-11-12"}',
     '[{"@type":"NewsArticle","url":"https://quay.example/n/6","datePublished":"2026-10-01"},{"@type":"NewsArticle","url":"https://quay.example/n/7","datePublished":"2026-11-12"}]',
     '{"@type":"NewsArticle","mainEntityOfPage":{"@type":"WebPage","datePublished":"2026-11-12"}}',
     '{"@graph":[{"@type":"WebPage","datePublished":"2026-11-12"},{"@type":"Person","datePublished":"2026-10-01"}]}',
     '{"@type":"NewsArticle","headline":"The "new" ferry","datePublished":"2026-11-12","dateModified":"2026-11-13"}',
     '{"@type":"NewsArticle","comment":[{"@type":"Comment","datePublished":"2026-10-01"}],"datePublished":"2026-11-12"}'],
)  # fmt: skip
def test_json_ld_is_read_of_the_page_s_own_article(block: str) -> None:
    assert find_page_date(H1, head=f'<script type="application/ld+json">{block}</script>') == "2026-11-12"


@pytest.mark.parametrize(
    "name",
    [
        "article:published",
        "shareaholic:article_published_time",
        "cms.first-published",
        "publication_date",
        "publishedAt",
        "release-date",
    ],
)
def test_other_names_of_the_date_of_publication_are_known(name: str) -> None:
    assert find_page_date(H1, head=f'<meta name="{name}" content="2026-11-12">') == "2026-11-12"


@pytest.mark.parametrize(
    "inner",
    ["<p>QUAY, (12.11.2026). The harbour office has said that the ferry line, which many had asked for, will open in the spring, and that a ticket will cost two crowns for everybody who lives on the island.</p>",
     "<p>This entry was posted on Thursday, 12 November 2026 at 10:00 and is filed under Ferries.</p>",
     "<p>Dieser Beitrag wurde am Samstag, 12. November 2026 um 10 Uhr veröffentlicht und unter Fähren abgelegt.</p>",
     "<p><strong>12.11.2026 – The harbour office has said that the ferry line, for which many people on the island had asked, will open.</strong></p>",
     "<table><tr><td>12 | 11 | 2026</td></tr></table>"],
)  # fmt: skip
def test_the_head_of_a_story_and_a_sentence_about_the_entry_name_the_date(inner: str) -> None:
    assert find_page_date(H1 + BODY * 3 + inner) == "2026-11-12"


@pytest.mark.parametrize(
    "line",
    [
        "iPhone 14 Pro",
        "Platz des Weines 2",
        "Pin D3 des Arduino",
        "Zur Website des 15. Forums",
        "WordPress 4.8.12.1",
    ],
)
def test_short_words_of_other_languages_are_no_months(line: str) -> None:
    assert find_date(line, DateContext(NOW, "de")) is None


def test_a_day_without_a_year_gets_the_year_that_the_page_names() -> None:
    assert (
        find_page_date(f"{H1}<div>18 May</div>", url="https://quay.example/2024/05/18/ferry") == "2024-05-18"
    )


def test_dense_scripts_are_long_at_a_third_and_end_sentences_in_their_own_way() -> None:
    assert reading_length("港口货运量") == 3 * len("港口货运量")
    assert reading_length("harbour") == len("harbour")
    assert all(map(ends_sentence, ("Yes.", "对。", "何！", "क्या है।", "نعم؟", "خبر۔", "“Yes.”", "「はい。」")))
    assert not any(map(ends_sentence, ("Yes", "3.5 km", "Quay, 14", "港口")))
