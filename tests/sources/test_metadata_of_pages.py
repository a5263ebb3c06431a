"""What the metadata of pages says: JSON-LD, microdata and meta elements, of the page's own article and of others."""

import json
from typing import Any

import pytest

from digest.sources.pure.pages.json_ld import (
    MAX_JSON_LD_LENGTH,
    choose_articles,
    choose_pages,
    dates,
    read_nodes,
)
from digest.sources.pure.pages.metadata import PageMetadata, read_metadata
from digest.sources.pure.pages.microdata import find_article_scope, is_of_page, read_microdata
from digest.sources.pure.pages.text_runs import parse_html

URL = "https://quay.example/news/77"


def read(head: str, body: str = "", **attributes: str) -> PageMetadata:
    named = " ".join(f'{name.replace("_", ":")}="{value}"' for name, value in attributes.items())
    html = f"<html {named}><head>{head}</head><body>{body}</body></html>"
    return read_metadata(parse_html(html), base_url=URL)


def json_ld(*blocks: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks)


def nodes_of(text: str, media_type: str = "application/ld+json") -> list[dict[str, Any]]:
    return read_nodes(parse_html(f'<html><body><script type="{media_type}">{text}</script></body></html>'))


def meta(**contents: str) -> str:
    return "".join(f'<meta name="{name}" content="{content}">' for name, content in contents.items())


def item(inner: str, kind: str = "https://schema.org/NewsArticle") -> str:
    return f'<div itemscope itemtype="{kind}">{inner}</div>'


def properties(**contents: str) -> str:
    return "".join(f'<span itemprop="{name}">{content}</span>' for name, content in contents.items())


def test_values_are_taken_in_the_order_in_which_they_are_reliable() -> None:
    graph = {"@graph": [
        {"@type": "WebPage", "datePublished": "page"},
        {"@type": "NewsArticle", "headline": "ld", "datePublished": "ld", "dateCreated": "made", "dateModified": "ld"},
    ]}  # fmt: skip
    metas = meta(title="meta", date="meta", lastmod="meta", cms_first_published="other")
    body = properties(datepublished="loose") + item(properties(headline="micro", datePublished="micro"))
    found = read(json_ld(graph) + metas, body)
    assert found.headlines == ("ld", "micro", "meta")
    assert found.published == ("ld", "meta", "micro", "other", "made", "page", "loose")
    assert found.modified == ("meta", "ld")
    assert found.is_article


@pytest.mark.parametrize(
    ("name", "is_published"),
    [
        ("shareaholic:article_published_time", True),
        ("cms.first-published", True),
        ("x:pubdate", True),
        ("x-release-date", True),
        ("x:issued", True),
        ("unpublished", False),
        ("published-by", False),
        ("x:updated", False),
    ],
)
def test_other_names_of_the_date_of_publication_are_known(name: str, is_published: bool) -> None:
    assert bool(read(f'<meta property="{name}" content="2026-01-14">').published) is is_published


def test_a_meta_element_has_up_to_three_names_and_one_content() -> None:
    found = read(
        '<meta property=" OG:Title " name="author" content=" Ana \n Lind "><meta name=title content=" ">'
    )
    assert (found.headlines, found.author) == (("Ana Lind",), "Ana Lind")  # fmt: skip
    assert read('<meta http-equiv="Content-Language" content="kk">').language == "kk"
    assert read('<meta itemprop="datePublished" content="2026-01-14">').published == ("2026-01-14",)
    assert read('<meta content="2026-01-14">').published == ()


def test_a_meta_element_of_another_item_is_not_of_the_page() -> None:
    date = '<meta itemprop="datePublished" content="2026-01-14">'
    teaser = item(item(date, "https://schema.org/VideoObject"), "https://schema.org/ItemList")
    assert read("", teaser).published == ()
    assert read("", item(date)).published == ("2026-01-14",)
    assert read("", item("<p>first</p>") + item(date)).published == ()
    assert read("", item(date, "https://schema.org/WebPage")).published == ("2026-01-14",)


def test_authors_are_those_of_the_article_then_of_meta_elements_then_of_links() -> None:
    def article(author: object) -> str:
        return json_ld({"@type": "Article", "author": author})

    link = '<a rel="author" href="/ana">Ana <b>Lind</b></a><p itemprop=author>Bo</p><p class=author>Cy</p>'
    assert read("", link).author == "Ana Lind, Bo"
    assert read(meta(author="https://quay.example/ana"), link).author == "Ana Lind, Bo"
    assert read(meta(byl="Dee"), link).author == "Dee"
    assert (
        read(article([{"name": "Eve &amp; Co"}, "Fay", ["Gus"], 7, {"name": None}]), link).author
        == "Eve & Co, Fay"
    )
    assert read(article(["https://quay.example/x", ""]) + meta(author="Dee")).author == ""
    assert read(article(["", "Ana"])).author == "Ana"
    assert read(article([f"A{n}" for n in range(12)])).author.split(", ")[-1] == "A9"
    assert read(article(["x" * 101, "y" * 100, "y" * 100])).author == "y" * 100


def test_a_picture_is_that_of_meta_elements_or_of_the_article() -> None:
    def article(image: object) -> str:
        return json_ld({"@type": "Article", "image": image})

    assert read(article(["/b.jpg", "/c.jpg"])).image == "https://quay.example/b.jpg"
    assert read(article({"url": "/b.jpg"})).image == "https://quay.example/b.jpg"
    nothings: list[object] = [[], {"url": 3}, None, "mailto:x"]
    for nothing in nothings:
        assert read(article(nothing)).image == ""
    assert read(meta(thumbnail="/a.jpg") + article("/b.jpg")).image == "https://quay.example/a.jpg"


def test_a_size_is_that_of_the_picture_of_open_graph_alone() -> None:
    size = '<meta property="og:image:width" content="640"><meta property="og:image:height" content="480">'
    assert read(size + '<meta property="og:image" content="/a.jpg">').image_size == (640, 480)
    assert read(size + '<meta property="og:image:url" content="/a.jpg">').image_size == (640, 480)
    assert read(size + meta(thumbnail="/a.jpg")).image_size is None
    assert read('<meta property="og:image" content="/a.jpg">').image_size is None


def test_the_language_is_the_first_tag_that_is_one() -> None:
    locale = '<meta property="og:locale" content="pt_BR">'
    assert read(locale, lang="kk").language == "kk"
    assert read(locale, xml_lang="ky").language == "ky"
    assert read(locale, lang="english").language == "pt-BR"
    assert read("", lang="en-" + "x" * 40).language == "en-" + "x" * 32
    assert read(json_ld({"@type": "Article", "inLanguage": "uz"})).language == "uz"


def test_the_pages_own_address_is_its_canonical_link_or_that_of_open_graph() -> None:
    graph = '<meta property="og:url" content="/graph">'
    link = '<link rel="Canonical nofollow" href="/link">'
    assert read(
        graph + '<link rel=next href="/2"><link rel=canonical href="mailto:x">' + link
    ).canonical.endswith("/link")
    assert read(graph + link).canonical == "https://quay.example/link"
    assert read(graph).canonical == "https://quay.example/graph"
    assert read("").canonical == ""


def test_a_page_is_an_article_if_its_metadata_say_so() -> None:
    assert read('<meta property="og:type" content="article">').is_article
    assert not read('<meta property="og:type" content="website">').is_article
    assert read('<meta property="og:site_name" content="Quay"><title> A  b </title>').site == "Quay"
    assert read("<title> A  b </title>").html_title == "A b"


def test_the_article_of_the_page_itself_comes_before_teasers() -> None:
    teaser = {"@type": "Article", "headline": "teaser", "url": "https://quay.example/other"}
    for own in (
        {"url": URL},
        {"@id": URL + "#article"},
        {"mainEntityOfPage": URL},
        {"mainEntityOfPage": {"@id": URL}},
        {"url": "https://quay.example/canonical"},
    ):
        article = {"@type": ["Thing", "NewsArticle"], "headline": "own", **own}
        found = read('<link rel=canonical href="/canonical">' + json_ld([teaser, article]))
        assert found.headlines == ("own", "teaser")
    assert read(json_ld([teaser, {"@type": "Article", "headline": "b", "url": 3}])).headlines == (
        "teaser",
        "b",
    )


def test_articles_and_pages_are_known_by_their_types() -> None:
    nodes = [
        {"@type": kind}
        for kind in ("LiveBlogPosting", "Reporter", "AboutPage", "PageX", None, 3, ["WebPage"])
    ]
    assert choose_articles(nodes, frozenset()) == [{"@type": "LiveBlogPosting"}]
    assert choose_pages(nodes) == [{"@type": "AboutPage"}, {"@type": ["WebPage"]}]


def test_a_date_may_stand_at_the_articles_page() -> None:
    page = {"datePublished": "2026-01-14"}
    assert dates([{"mainEntityOfPage": page}, {"mainEntityOfPage": URL}], "datePublished") == ["2026-01-14"]
    both = {"datePublished": "2026-01-15", "mainEntityOfPage": page}
    assert dates([both], "datePublished") == ["2026-01-15"]


def test_objects_in_lists_and_graphs_come_in_order_and_nested_ones_not() -> None:
    block = [
        {"n": 1, "@graph": [{"n": 3, "image": {"n": 9}}]},
        [{"n": 2}],
        7,
        {"n": 4, "mainEntity": {"n": 5}},
    ]
    assert [node["n"] for node in nodes_of(json.dumps(block))] == [1, 2, 4, 3, 5]
    assert nodes_of("{}", "text/javascript") == []
    assert len(nodes_of(json.dumps([{}] * 3000))) == 1_999  # the list itself is the first of 2,000


def test_damaged_json_is_read_as_far_as_it_can_be() -> None:
    assert nodes_of('<!-- {"a": "x\ny"}; -->'.replace("; -->", " -->")) == [{"a": "x y"}]
    assert nodes_of('{"a": 1};;') == [{"a": 1}]
    broken = '{"@type": "NewsArticle", "headline": "say "hi"", "datePublished": "2026-01-14", "datePublished": "2020"}'
    assert nodes_of(broken) == [{"@type": "NewsArticle", "datePublished": "2026-01-14"}]
    assert nodes_of(broken.replace("NewsArticle", "Product")) == []
    assert nodes_of(broken.replace("@type", "type")) == []


def test_a_block_of_json_has_half_a_million_characters() -> None:
    def block(length: int) -> str:
        return '{"a": "' + "x" * (length - 9) + '"}'

    assert len(block(20)) == 20
    assert nodes_of(block(MAX_JSON_LD_LENGTH))
    assert not nodes_of(block(500_001))


def test_microdata_are_those_of_the_first_article_without_what_is_nested_in_it() -> None:
    author = (
        '<b itemprop="author" itemscope><i itemprop="headline">no</i><u itemprop="datePublished">no</u></b>'
    )
    author += '<b itemprop="datePublished" itemscope>no</b>'
    own = '<h1 itemprop="Headline">Own<!-- x --> one</h1><p><time itemprop="datePublished" datetime="d1">x</time></p>'
    last = '<i itemprop="datePublished" content="d2"></i>'
    page = parse_html(
        f"<html><body>{item(author + '<!-- c -->' + own + last)}{item('<h1 itemprop=headline>no</h1>')}</body></html>"
    )
    found = read_microdata(page, find_article_scope(page))
    assert (list(found.headlines), list(found.published)) == (["Own one"], ["d1", "d2"])  # fmt: skip
    assert list(found.loose_published) == []


def test_an_article_is_an_item_whose_type_says_so() -> None:
    for inner, is_article in (
        ("<div itemtype='https://schema.org/Article'>x</div>", False),
        ("<div itemscope>x</div>", False),
        ("<div itemscope itemtype='https://schema.org/Product'>x</div>", False),
        ("<!-- x --><div itemscope itemtype='https://schema.org/Article'>x</div>", True),
    ):
        assert (
            find_article_scope(parse_html(f"<html><body>{inner}</body></html>")) is not None
        ) is is_article


@pytest.mark.parametrize(
    ("inner", "is_loose"),
    [
        ("<i itemprop=datePublished>d</i>", True),
        ("<i property='schema:dateCreated'>d</i>", True),
        ("<i property='schema:dateModified'>d</i>", False),
        ("<meta itemprop=datePublished content=d>", False),
        ("<!-- c --><p>x</p>", False),
        (item("<i itemprop=datePublished>d</i>", "https://schema.org/WebPage"), True),
        (item("<i itemprop=datePublished>d</i>", "https://schema.org/Product"), False),
        ("<div itemscope><i itemprop=datePublished>d</i></div>", False),
    ],
)
def test_a_loose_date_is_of_no_item_but_the_page(inner: str, is_loose: bool) -> None:
    page = parse_html(f"<html><body>{inner}</body></html>")
    assert list(read_microdata(page, None).loose_published) == (["d"] if is_loose else [])


def test_a_property_is_of_the_page_outside_of_items_and_in_its_own() -> None:
    page = parse_html("<html><body><b>1</b><p itemscope><b>2</b></p></body></html>")
    outside, inside = page.iter("b")
    scope = page.find(".//p")
    assert is_of_page(outside, scope)
    assert is_of_page(inside, scope)
    assert not is_of_page(inside, None)
