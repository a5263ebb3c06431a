"""Texts of entries that have no markup: the longest of them is kept, and none is both summary and content."""

import json

import pytest

from tests.sources.test_feed_oddities import URL, FeedCase, atom


def texts(body: str) -> tuple[str, str]:
    entry = FeedCase(body).parse().entries[0]
    return entry.summary, entry.content


@pytest.mark.parametrize(
    ("kind", "text"), [("text", "Barges of &lt; 2 metres wait"), ("html", "Barges of two metres wait")]
)
def test_a_text_that_is_longer_than_the_summary_is_the_content(kind: str, text: str) -> None:
    body = atom(f'<title>x</title><summary>Barges</summary><content type="{kind}">{text}</content>')
    assert texts(body) == ("Barges", f"<p>{text}</p>")


@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_text_that_is_the_summary_is_not_repeated(kind: str) -> None:
    assert texts(atom(f'<title>x</title><content type="{kind}">Barges wait</content>')) == ("Barges wait", "")


def test_the_text_of_a_json_feed_is_content_beside_a_summary() -> None:
    item = {"id": "1", "url": URL, "summary": "Barges", "content_text": "Barges < 2 m wait"}
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [item]})
    assert texts(body) == ("Barges", "<p>Barges &lt; 2 m wait</p>")
