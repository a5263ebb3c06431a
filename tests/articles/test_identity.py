"""The canonical form of an article's address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure import tracking_parameters
from digest.articles.pure.identity import canonical_url
from digest.errors import InvalidInputError


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://News.Example/A", "https://news.example/A"),
        ("https://news.example", "https://news.example/"),
        ("http://news.example:80/a", "http://news.example/a"),
        ("https://news.example:443/a", "https://news.example/a"),
        ("https://news.example:8443/a", "https://news.example:8443/a"),
        ("https://news.example/a#top", "https://news.example/a"),
        ("https://news.example./a", "https://news.example/a"),
        ("https://user:secret@news.example/a", "https://news.example/a"),
        ("https://news.example/a?utm_source=rss&utm_medium=feed", "https://news.example/a"),
        ("https://news.example/a?id=3&utm_source=rss&page=2", "https://news.example/a?id=3&page=2"),
        ("https://news.example/a?fbclid=x&gclid=y&mc_cid=z&at_medium=RSS", "https://news.example/a"),
        ("https://news.example/a?b=2&a=1", "https://news.example/a?b=2&a=1"),
        ("https://news.example/a?x=1&amp;y=2", "https://news.example/a?x=1&y=2"),
        ("https://news.example/a?", "https://news.example/a"),
        ("https://news.example/a\n", "https://news.example/a"),
        ('https://news.example/a"', "https://news.example/a"),
        ("https://новости.example/порт", "https://xn--b1amnebsh.example/%D0%BF%D0%BE%D1%80%D1%82"),
        ("https://news.example/%D0%BF", "https://news.example/%D0%BF"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        # IDNA 2008: letters that IDNA 2003 replaced by others, which are another host.
        ("https://Straße.example/1", "https://xn--strae-oqa.example/1"),
        ("https://strasse.example/1", "https://strasse.example/1"),
        ("https://νέος.example/", "https://xn--ixa5ahm.example/"),
        ("https://faß.example./", "https://xn--fa-hia.example/"),
        ("https://bücher。example/", "https://xn--bcher-kva.example/"),
        ("https://քաղաք.example:8443/", "https://xn--y9aa4cwdd.example:8443/"),
        # A fragment that names a page stays, an anchor does not.
        ("https://news.example/#/news/1", "https://news.example/#/news/1"),
        (
            "https://news.example/#!/новости",
            "https://news.example/#!/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8",
        ),
        ("https://news.example/#/", "https://news.example/"),
        ("https://news.example/a#!", "https://news.example/a"),
    ],
)
def test_an_address_has_one_canonical_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news",
        "/a",
        "javascript:alert(1)",
        "mailto:a@b.example",
        "ftp://a.example/",
        "http://",
        "http://[x/",
        "http://a:b/",
    ],
)
def test_a_text_that_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="web address"):
        canonical_url(url)


def test_an_endless_address_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="longer"):
        canonical_url("https://news.example/" + "a" * 5_000)


@given(st.text(alphabet='aB/?&=#%._;:@ "+ø港\n', max_size=60))
def test_the_canonical_form_is_its_own_canonical_form(tail: str) -> None:
    try:
        canonical = canonical_url("https://news.example/" + tail)
    except InvalidInputError:
        return
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://www.google.com/url?rct=j&sa=t&url=https://news.example/a%3Fid%3D1&ct=ga", "https://news.example/a?id=1"),
        ("https://www.google.com.tr/url?q=https://news.example/a&sa=U", "https://news.example/a"),
        ("https://www.google.co.uk/amp/s/news.example/a/b?x=1", "https://news.example/a/b?x=1"),
        ("https://news-example.cdn.ampproject.org/c/s/news.example/a", "https://news.example/a"),
        (
            "http://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fnews.example%2fa%3futm_source%3db&mkt=en-us",
            "https://news.example/a",
        ),
        ("https://r.search.yahoo.com/_ylt=A/RU=https%3a%2f%2fnews.example%2fa/RK=2/RS=x", "https://news.example/a"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fnews.example%2Fa%3Ffbclid%3Dx&h=y", "https://news.example/a"),
        ("https://vk.com/away.php?to=https%3A%2F%2Fnews.example%2F%D0%BF", "https://news.example/%D0%BF"),
        ("https://href.li/?https://news.example/a?b=1", "https://news.example/a?b=1"),
        ("https://x7.r.eu-west-1.awstrack.me/L0/https:%2F%2Fnews.example%2Fa/1/01", "https://news.example/a"),
        ("https://www.google.com/url?url=https%3A%2F%2Fhref.li%2F%3Fhttps%3A%2F%2Fnews.example%2Fa", "https://news.example/a"),
        # An address in an address of any other site is a part of the page's own.
        ("https://news.example/read?url=https://other.example/b", "https://news.example/read?url=https://other.example/b"),
        ("https://notgoogle.example/url?url=https://other.example/b", "https://notgoogle.example/url?url=https://other.example/b"),
        ("https://www.google.com/url?url=javascript:alert(1)//https://x.example/", "https://www.google.com/url?url=javascript:alert(1)//https://x.example/"),
        ("https://www.bing.com/news/apiclick.aspx?url=", "https://www.bing.com/news/apiclick.aspx?url="),
    ],
)  # fmt: skip
def test_the_address_behind_a_redirecting_service_counts(url: str, target: str) -> None:
    assert canonical_url(url) == target


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("maca=en-rss-en-all-1573-rdf&id=1", "id=1"),
        ("traffic_source=rss&icid=x&at_medium=RSS&at_bbc_team=y&a=1", "a=1"),
        ("UTM_Source=rss&Fbclid=1&gclid=2&srsltid=3&ysclid=4", ""),
        ("mc_cid=1&mkt_tok=2&_hsenc=3&__hssc=4&elqTrackId=5&oly_enc_id=6", ""),
        ("from=rss&id=7", "id=7"),
        ("ref=rss&source=twitter&src=telegram", ""),
        ("utm%5Fsource=rss&id=2", "id=2"),
        # What may name a page stays.
        ("from=2&ref=12&source=tass&cid=4&cmp=3&p=1", "from=2&ref=12&source=tass&cid=4&cmp=3&p=1"),
        ("tt_news=12&pk_id=3&at_id=4&fb=5", "tt_news=12&pk_id=3&at_id=4&fb=5"),
        ("feed=sport&medium=radio&utm=5", "feed=sport&medium=radio&utm=5"),
    ],
)
def test_parameters_that_only_say_where_a_visitor_came_from_are_left_out(query: str, rest: str) -> None:
    assert (
        canonical_url(f"https://news.example/a?{query}")
        == f"https://news.example/a{'?' if rest else ''}{rest}"
    )


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.youtube.com/watch?v=a&si=b&feature=c", "https://www.youtube.com/watch?v=a"),
        ("https://www.theguardian.com/a?CMP=share_btn", "https://www.theguardian.com/a"),
        ("https://news.example/watch?v=a&si=b", "https://news.example/watch?v=a&si=b"),
    ],
)
def test_some_parameters_are_tracking_on_one_site_only(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@given(st.text(alphabet="abhtps:/?&=%32FA.#", max_size=60))
def test_any_address_of_a_redirecting_service_gives_an_address_or_an_error(rest: str) -> None:
    try:
        url = canonical_url(f"https://www.google.com/url?url={rest}")
    except InvalidInputError:
        return
    assert url.startswith(("https://", "http://"))


def test_the_parameters_of_few_hosts_are_remembered_however_many_a_feed_names() -> None:
    for number in range(10_100):
        canonical_url(f"https://h{number}.example/?utm_source=rss")

    assert tracking_parameters._names_of_host.cache_info().currsize <= 10_000
