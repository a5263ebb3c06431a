"""The canonical form of an article's address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
