"""Emoji that are images are shown, and footers that their links tell are dropped, in any language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.pure.entries import Entry
from digest.sources.pure.feeds.feed_parser import parse_feed
from digest.sources.pure.feeds.feed_text import drop_link_footers, show_emoji

SITE = "https://quay.example"
LINK = "https://quay.example/2026/ferry/"
TEXT = "<p>The ferry runs again.</p>"


def read(description: str) -> Entry:
    feed = f'<rss version="2.0"><channel><title>Quay</title><item><title>Ferry</title><link>{LINK}</link><description>'
    feed += f"<![CDATA[{description}]]></description></item></channel></rss>"
    (entry,) = parse_feed(feed.encode(), url="https://quay.example/feed").entries
    return entry


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ('<img src="https://s.example/1f389.png" alt="🎉" class="wp-smiley" style="height: 1em;" />', "🎉"),
        ('<img class="emoji" alt=":)" src="https://s.example/smile.gif">', ":)"),
        ("<img alt='🇰🇿' src='https://s.example/a.svg'>", "🇰🇿"),
        ('<img alt="👨‍👩‍👧" src="https://s.example/a.svg">', "👨‍👩‍👧"),
        ('<img alt="1️⃣" src="https://s.example/a.svg">', "1️⃣"),
        ('<img alt="❤️" src="https://s.example/a.svg">', "❤️"),
        ('<img src="https://s.example/images/core/emoji/2.png" alt="ok">', "ok"),
    ],
)
def test_an_emoji_that_is_an_image_is_shown(image: str, shown: str) -> None:
    entry = read(f"<p>The ferry runs {image} again</p>")
    assert entry.summary == f"The ferry runs {shown} again".replace("\u200d\u200d", "")
    assert entry.image is None


@pytest.mark.parametrize(
    "image",
    [
        '<img src="https://s.example/a.jpg" alt="The harbour">',
        '<img src="https://s.example/a.jpg">',
        '<img alt="2026" src="a">',
    ],
)
def test_other_images_stay_images(image: str) -> None:
    assert show_emoji(image) == image


@pytest.mark.parametrize(
    "footer",
    [
        f'<p>The post <a href="{LINK}">Ferry</a> appeared first on <a href="{SITE}">Quay</a>.</p>',
        f'<p>Der Beitrag <a href="{LINK}">Ferry</a> erschien zuerst auf <a href="{SITE}">Quay</a>.</p>',
        f'<p>Wpis <a rel="nofollow" href="{LINK}">Ferry</a> pojawił się poczatkowo na <a href="{SITE}">Q</a>.</p>',
        f'<div>投稿 <a href="{LINK}?a=rss">Ferry</a> は <a href="{SITE}">Quay</a> に最初に表示された。</div>',
        f'<p><em>L\'articolo <a href="{LINK}">Ferry</a> proviene da <a href="{SITE}">Quay</a>.</em></p>',
        '<p><a href="https://a.example/">Share</a> | <a href="https://b.example/">Tweet</a></p>',
        '<div><a href="https://a.example"><img src="a"></a> <a href="https://b.example"><img src="b"></a></div>',
        f'<p>Post <a href="{LINK}">F</a> of <a href="{SITE}">Q</a></p><p><a href="a">Share</a> <a href="b">X</a></p>',
        f'<p>The post <a href="{LINK}">F</a> is on <a href="{SITE}">Q</a></p><img src="https://count.example/1"/>',
    ],
)
def test_a_footer_is_known_by_its_links(footer: str) -> None:
    entry = read(TEXT + footer)
    assert entry.summary == "The ferry runs again."
    assert "Quay" not in entry.content


@pytest.mark.parametrize(
    "end",
    [
        '<p>More from <a href="https://a.example/">Ann</a> and <a href="https://b.example/">Bo</a>.</p>',
        f'<p>See <a href="{LINK}">this page</a>.</p>',
        '<p><a href="https://a.example/">The port of Aktau has grown by a third</a> <a href="https://b.example/">Tea</a></p>',
        f'<p>The minister, who had said in <a href="{LINK}">an interview</a> that the harbour would be closed until '
        'the end of the year and not for a month, told <a href="https://quay.example/">Quay</a> otherwise.</p>',
        "<p>No link at all.</p>",
    ],
)
def test_other_paragraphs_stay(end: str) -> None:
    assert drop_link_footers(TEXT + end, LINK) == TEXT + end


def test_a_text_that_is_one_paragraph_stays() -> None:
    only = f'<p>The post <a href="{LINK}">Ferry</a> appeared first on <a href="{SITE}">Quay</a>.</p>'
    assert drop_link_footers(only, LINK) == only


@given(st.text(alphabet='<>p/a img="x.', max_size=200))
def test_any_text_gives_a_beginning_of_it(source: str) -> None:
    assert source.startswith(drop_link_footers(source, LINK))
