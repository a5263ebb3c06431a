"""The line that says why a story is in the digest, for those who ask for it."""

import pytest

from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.sections import Section
from digest.editions.reasons import describe_reasons
from digest.editions.rendering import render_digest
from digest.i18n.catalogs import MAIL_LANGUAGES
from digest.subscribers.pure.content_choices import ContentChoices
from tests.editions.sample_digest import FRAGMENTS, SITE, body_part, build_message, make_story


def render_text(show_why: bool) -> str:
    """The text of a digest of two sections with two stories each; Georgia's second one is brief."""
    stories = [make_story(also=2), make_story(also=1), make_story(), make_story(excerpt="")]
    sections = [
        Section("central-asia", tuple((story.id, 1) for story in stories[:2])),
        Section("ge", tuple((story.id, 1) for story in stories[2:])),
    ]
    digest_input = DigestInput(
        "Subject", "en", "", sections, f"{SITE}/read/x", content=ContentChoices(show_why=show_why)
    )
    page = render_digest(digest_input, {story.id: story for story in stories}, FRAGMENTS)
    return body_part(build_message(page), "plain")


def test_the_first_story_of_each_region_and_the_number_of_sources_are_named() -> None:
    lines = [
        line for line in render_text(show_why=True).split("\n") if "source" in line and "http" not in line
    ]
    assert [line for line in lines if line[0].isdigit()] == [
        "3 sources · first in Central Asia",
        "2 sources",
        "1 source · first in Georgia",
        "1 source",
    ]


def test_who_does_not_ask_sees_no_reason() -> None:
    assert "first in" not in render_text(show_why=False)


@pytest.mark.parametrize("language", MAIL_LANGUAGES)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_line_is_in_the_language_of_the_digest(language: str, count: int) -> None:
    line = describe_reasons(language, count, "Asia", is_update=True)
    assert line.count(" · ") == 2
    assert "Asia" in line
    assert "%" not in line
    assert (language == "en") == line.endswith("update")
    digit = str(count) if language != "fa" else "۰۱۲۳۴۵"[count]
    assert digit in line or language == "ar"
