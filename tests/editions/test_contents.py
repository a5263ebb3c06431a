"""The contents of a long digest: which ones have them, where their links lead, and what they say."""

import pytest
from lxml import html as markup

from digest.articles.pure.shown_story import ShownStory
from digest.editions.contents import MAX_HEADLINES, MIN_STORIES
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.sections import Section
from digest.editions.rendering import render_digest
from tests.editions.sample_digest import FRAGMENTS, SITE, body_part, build_message, make_story

REGIONS = ("central-asia", "ge", "ua", "fr", "de", "it", "es", "pt", "pl", "cz", "at")


def digest(sections: dict[str, list[ShownStory]], language: str = "en", max_stories: int = 40) -> bytes:
    rows = [
        Section(region, tuple((s.id, s.version) for s in stories)) for region, stories in sections.items()
    ]
    copy = DigestInput("Subject", language, "", rows, f"{SITE}/read/AbCdEf", max_stories)
    shown = {story.id: story for stories in sections.values() for story in stories}
    return build_message(render_digest(copy, shown, FRAGMENTS), language)


def stories(count: int, word: str = "Rain") -> list[ShownStory]:
    return [make_story(f"{word} {n}") for n in range(count)]


def links_within(message: bytes) -> list[tuple[str, str]]:
    page = markup.document_fromstring(body_part(message, "html"))
    named = {a.get("name"): "".join(a.itertext()) for a in page.iter("a") if a.get("name")}
    hrefs = [(a, a.get("href") or "") for a in page.iter("a")]
    return [("".join(a.itertext()), named[href[1:]]) for a, href in hrefs if href.startswith("#")]


def test_each_region_leads_to_its_section_and_back() -> None:
    message = digest({"central-asia": stories(5), "ge": stories(4, "Wine")})
    assert links_within(message) == [
        ("Central Asia", "Central Asia"),
        ("Georgia", "Georgia"),
        ("Central Asia", "Central Asia"),
        ("Georgia", "Central Asia"),
    ]
    text = body_part(message, "plain")
    assert "IN THIS DIGEST\n- Central Asia (5): Rain 0\n- Georgia (4): Wine 0\n" in text
    assert "9 new stories\n" in text


@pytest.mark.parametrize(
    "sections",
    [
        {"central-asia": stories(20)},
        {"central-asia": stories(3), "ge": stories(MIN_STORIES - 4)},
    ],
)
def test_a_short_digest_or_one_region_has_none(sections: dict[str, list[ShownStory]]) -> None:
    message = digest(sections)
    assert links_within(message) == []
    assert "IN THIS DIGEST" not in body_part(message, "plain")


def test_many_regions_are_listed_by_name_alone() -> None:
    few = digest({region: stories(2) for region in REGIONS[:MAX_HEADLINES]})
    many = digest({region: stories(2) for region in REGIONS})
    assert (
        body_part(few, "html").count("Rain 0") == 2 * MAX_HEADLINES + 1
    )  # the preheader says it once for all
    assert body_part(many, "html").count("Rain 0") == len(REGIONS) + 1
    assert len(links_within(many)) == 2 * len(REGIONS)


def test_regions_whose_stories_are_on_the_web_edition_alone_are_not_in_the_contents() -> None:
    message = digest({"central-asia": stories(5), "ge": stories(5), "ua": stories(5)}, max_stories=10)
    assert "Ukraine" not in body_part(message, "plain")
    assert len(links_within(message)) == 4


def test_contents_in_persian_have_persian_digits() -> None:
    assert "گرجستان (۴)" in body_part(digest({"central-asia": stories(5), "ge": stories(4)}, "fa"), "plain")
