"""The links of counted stories: short, signed, and the same for everybody."""

import pytest

from digest.opens.pure.counted_links import TOKEN_LENGTH, CountedLink, CountedLinks

LINKS = CountedLinks("a secret of thirty-two characters", "https://news.example.org/")
LARGEST = 2**31 - 1


@pytest.mark.parametrize("link", [CountedLink(1, 0), CountedLink(4711, 12), CountedLink(LARGEST, LARGEST)])
def test_a_link_names_its_article_and_its_edition_and_nothing_else(link: CountedLink) -> None:
    assert LINKS.read(LINKS.token(link)) == link
    assert LINKS.url(link) == f"https://news.example.org/s/{LINKS.token(link)}"
    assert len(LINKS.token(link)) == TOKEN_LENGTH


def test_what_a_mail_program_puts_behind_a_link_does_no_harm() -> None:
    assert LINKS.read(LINKS.token(CountedLink(5, 6)) + ").") == CountedLink(5, 6)


def test_no_changed_character_makes_another_link() -> None:
    token = LINKS.token(CountedLink(300, 7))
    for place in range(TOKEN_LENGTH - 1):
        for other in "AZaz09-_":
            if token[place] != other:
                assert LINKS.read(token[:place] + other + token[place + 1 :]) is None


def test_the_signature_of_one_article_is_not_that_of_another() -> None:
    mine, other = LINKS.token(CountedLink(300, 7)), LINKS.token(CountedLink(301, 7))
    assert LINKS.read(other[:11] + mine[11:]) is None
    assert CountedLinks("another secret", "https://news.example.org").read(mine) is None


@pytest.mark.parametrize(
    "text", ["", "short", "é" * 22, "a" * 22, "%0d%0aSet-Cookie:x=1aaaaaaa", "..", "=" * 22]
)
def test_what_we_did_not_make_is_no_link(text: str) -> None:
    assert LINKS.read(text) is None
