"""Sources are called by their publisher's name, and are from the country that their host or language names."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.pure.naming.home_country import home_country
from digest.sources.pure.naming.source_name import host_name, is_name, is_poor_title, name_source
from digest.sources.pure.pages.page_parser import parse_page

NOW = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)
QUAY = "https://www.quay.example/feed"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The Quay Review", "The Quay Review"),
        ("The Quay Review - World", "The Quay Review"),
        ("World | The Quay Review", "The Quay Review"),
        ("The Quay Review: Politics", "The Quay Review"),
        ("The Quay Review » Feed", "The Quay Review"),
        ("RSS - The Quay Review - Top Stories", "The Quay Review"),
        ("The Quay Review > World News", "The Quay Review"),
        ("The Quay Review — Breaking News, World News and Videos", "The Quay Review"),
        ("The Quay Review RSS Feed", "The Quay Review"),
        ("Harbour News Search Records Found 1000", "Harbour News"),
        ("Harbour 24 - International breaking news", "Harbour 24"),
        ("Harbour News", "Harbour News"),
        ("Georgia Today", "Georgia Today"),
        ("Политика - Причал", "Причал"),
        ("Причал: последние новости", "Причал"),
        ("Der Kai – Nachrichten aus Politik und Wirtschaft", "Der Kai"),
        ("Le Quai - Actualités en direct, monde et économie", "Le Quai"),
        ("El Muelle | Últimas noticias", "El Muelle"),
        ("Rıhtım - Son Dakika Haberleri", "Rıhtım"),
        ("Harbour and steppe – Dock Wire", "Harbour and steppe – Dock Wire"),
    ],
)
def test_a_name_is_the_title_without_sections_and_boilerplate(title: str, name: str) -> None:
    assert name_source(title, url=QUAY) == name


@pytest.mark.parametrize(
    "title",
    [
        "World", "Top Stories", "Latest news", "RSS Feed", "Home - News", "", QUAY, "Новости",
        "Actualités à la une", "Últimas noticias", "Останні новини", "Son dakika haberleri",
        "Schlagzeilen", "Son xəbərlər", "أحدث الأخبار",
        "آخرین خبرها", "Վերջին լուրեր", "ახალი ამბები", "Соңғы жаңалықтар", "Search results 1000", "Middle East",
    ],
)  # fmt: skip
def test_a_title_that_names_no_publisher_gives_way_to_the_site_and_the_host(title: str) -> None:
    assert name_source(title, url=QUAY) == "quay.example"
    assert name_source(title, site="The Quay Review", url=QUAY) == "The Quay Review"


@pytest.mark.parametrize(
    ("title", "url", "name"),
    [
        ("The World", "https://theworld.example/rss", "The World"),
        ("Kazakhstan – Steppe Wire", "https://steppewire.example/kz", "Steppe Wire"),
        ("SW > World News", "https://swire.example/", "SW"),
        ("The Daily Post", "https://dailypost.example/", "The Daily Post"),
        ("24.kg — Новости", "https://24.kg/rss", "24.kg"),
    ],
)
def test_the_part_of_a_title_that_the_host_repeats_is_the_name(title: str, url: str, name: str) -> None:
    assert name_source(title, url=url) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.quay.example/a", "quay.example"),
        ("https://rss.feeds.quay.example:8443/", "quay.example"),
        ("https://news.quay.example", "news.quay.example"),
        ("https://xn--b1amnebsh.xn--p1ai/", "новости.рф"),
        ("https://rss.example/", "rss.example"),
    ],
)
def test_a_host_is_a_name_without_the_label_of_its_service(url: str, name: str) -> None:
    assert host_name(url) == name


@given(st.text(max_size=60))
def test_any_title_gives_a_name(title: str) -> None:
    assert name_source(title, url=QUAY)
    assert isinstance(is_name(title), bool)


@pytest.mark.parametrize(
    ("url", "language", "country"),
    [
        ("https://www.bbc.co.uk/news", "", "GB"),
        ("https://www.abc.net.au/news", "en-US", "AU"),
        ("https://24.kg/", "ru-RU", "KG"),
        ("https://news.am/", "", "AM"),
        ("https://xn--80aa.xn--p1ai/", "", "RU"),
        ("https://причал.қаз/", "", "KZ"),
        ("https://вести.рф/", "", "RU"),
        ("https://quay.example/", "en-AU", "AU"),
        ("https://quay.example/", "pt_BR", "BR"),
        ("https://quay.example/", "zh-Hans-SG", "SG"),
        ("https://quay.tv/", "en-UK", "GB"),
        ("https://quay.example/", "en_UK", "GB"),
        ("https://news.com.co/", "", "CO"),
        # Endings and tags that say nothing about the country.
        ("https://news.co/", "", ""),
        ("https://news.tv/", "en", ""),
        ("https://quay.example/", "en-US", ""),
        ("https://quay.example/", "zh-Hans", ""),
        ("https://quay.example/", "es-419", ""),
        ("https://quay.example/", "au", ""),
        ("https://quay.tv/", "", ""),
        ("https://quay.4z/", "", ""),
        ("https://192.0.2.1/", "", ""),
        ("", "", ""),
    ],
)
def test_a_source_is_from_the_country_that_its_host_or_language_names(
    url: str, language: str, country: str
) -> None:
    assert home_country(url, language=language) == country


def test_the_first_address_that_names_a_country_counts() -> None:
    assert home_country("https://quay.example/", "https://quay.fr/", "https://quay.de/") == "FR"


@pytest.mark.parametrize(
    ("title", "url", "name"),
    [
        ("The Quay - World", "https://a.example/", "The Quay"),
        ("World | The Quay | Harbour Club", "https://a.example/", "The Quay – Harbour Club"),
        ("Harbour Club | The Quay", "https://thequay.example/", "The Quay"),
        ("NYT > Harbour Club", "https://nytimes.example/", "NYT"),
        ("365 | Quay", "https://365.example/", "Quay"),
        ("NY | Quay Post", "https://ny.example/", "NY – Quay Post"),
        ("Top Stories | Quay", "https://a.example/", "Quay"),
        ("x" * 30 + " " + "y" * 30 + " " + "z" * 40, "https://a.example/", "x" * 30 + " " + "y" * 30 + "…"),
        ("https://www.a.example/feed", "https://www.a.example/", "a.example"),
        ("RSS 2 Quay", "https://a.example/", "2 Quay"),
        ("Quay Search Records Found 1000", "https://a.example/", "Quay"),
        ("Studio 54", "https://a.example/", "Studio 54"),
        ("World", "https://feeds.m.a.example/", "a.example"),
        ("World", "https://m.example/", "m.example"),
        ("x" * 80, "https://a.example/", "x" * 80),
        ("x" * 40 + " " + "y" * 40, "https://a.example/", "x" * 40 + "…"),
    ],
)
def test_a_title_gives_the_name_of_a_source(title: str, url: str, name: str) -> None:
    assert name_source(title, url=url) == name


def test_names_and_poor_titles_are_told_apart() -> None:
    assert not is_name("")
    assert not is_name("24")
    assert is_name("The Quay Review")
    assert is_poor_title("World - Latest news")
    assert not is_poor_title("World - The Quay")
    assert host_name("https://xn--80adxhks.example/") == "москва.example"
    assert host_name("no address") == "no address"


def page(head: str = "<title>Ferry runs again</title>", header: str = "") -> str:
    text = "After two weeks of repairs the ferry to the island runs again from Monday, the port said. " * 4
    return (
        f"<html lang=en><head>{head}</head><body><header>{header}</header><main><article><h1>Ferry runs again</h1>"
        f"<p>{text}</p><p>{text}</p></article></main></body></html>"
    )


@pytest.mark.parametrize(
    ("head", "header"),
    [
        ('<title>Ferry runs again</title><meta property="og:site_name" content="The Quay Review">', ""),
        ("<title>Ferry runs again</title>", '<a href="/">The Quay Review</a>'),
        (
            "<title>Ferry runs again</title>",
            '<a href="https://quay.example/"><img src="l.png" alt="The Quay Review"></a>',
        ),
        ("<title>Ferry runs again</title>", '<a href="/">Home</a> <a href="/">The Quay Review</a>'),
        ("<title>Ferry runs again</title>", '<a href="/" aria-label="The Quay Review"><svg></svg></a>'),
        ("<title>Ferry runs again | The Quay Review</title>", ""),
        ("<title>The Quay Review: Ferry runs again</title>".replace(":", " -"), ""),
        ("<title>Ferry runs again - World - The Quay Review</title>", '<a href="/">Home</a>'),
    ],
)
def test_a_page_as_a_source_is_called_by_its_site(head: str, header: str) -> None:
    source = parse_page(page(head, header), url="https://quay.example/ferry", now=NOW).as_source(
        "https://quay.example/ferry"
    )
    assert name_source(source.title, url="https://quay.example/ferry") == "The Quay Review"


def test_a_page_that_names_no_site_is_called_by_its_host() -> None:
    source = parse_page(page(), url="https://www.quay.example/ferry", now=NOW).as_source(
        "https://www.quay.example/ferry"
    )
    assert name_source(source.title, url="https://www.quay.example/ferry") == "quay.example"


@pytest.mark.parametrize(
    ("title", "is_poor"),
    [
        ("World", True),
        ("Top Stories - World", True),
        ("NDTV News Search Records Found 1000", True),
        ("https://quay.example/feed.xml", True),
        ("", True),
        ("The Quay Review", False),
        ("The Quay Review - World", False),
        ("World: The Quay Review", False),
    ],
)
def test_titles_that_are_no_names_are_known(title: str, is_poor: bool) -> None:
    assert is_poor_title(title) == is_poor
