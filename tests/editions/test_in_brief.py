"""Stories that one line tells stand in a list below the others of their section."""

import re

import pytest

from digest.articles.pure.shown_story import ShownStory
from digest.editions.pure.in_brief import divide_section, is_brief
from digest.i18n.catalogs import MAIL_LANGUAGES
from digest.i18n.locales import translations
from tests.editions.sample_digest import body_part, build_message, make_story, render_stories

LONG = "The council voted for the bridge after two days of talks."


@pytest.mark.parametrize(
    ("story", "brief"),
    [
        (make_story(excerpt=""), True),
        (make_story(excerpt="More soon."), True),
        (make_story(excerpt=LONG), False),
        (make_story(excerpt="", also=1), False),
        (make_story(LONG + " It opens in May", excerpt=LONG), True),
        (make_story(LONG, excerpt=LONG + " It opens in May, two years late."), False),
        (make_story("", excerpt=LONG), False),
    ],
)
def test_a_story_of_one_source_with_hardly_more_than_a_headline_is_brief(
    story: ShownStory, brief: bool
) -> None:
    assert is_brief(story) == brief


def test_both_parts_of_a_section_keep_their_order() -> None:
    stories = [make_story(excerpt=excerpt) for excerpt in (LONG, "", LONG, "", "")]
    kept = stories[3].id
    full, brief = divide_section(stories, {kept})
    assert [story.id for story in full] == [stories[n].id for n in (0, 2, 3)]
    assert [story.id for story in brief] == [stories[n].id for n in (1, 4)]


def headlines(text: str) -> list[str]:
    return re.findall(r"(?m)^(?:- )?(One|Two|Three|Four|In brief)$", text)


def test_the_brief_ones_follow_the_others_in_both_parts_of_the_mail() -> None:
    stories = [
        make_story("One", excerpt=LONG),
        make_story("Two", excerpt=""),
        make_story("Three", excerpt=LONG),
    ]
    message = build_message(render_stories([*stories, make_story("Elsewhere", excerpt=LONG)], max_stories=15))
    text, html = body_part(message, "plain"), body_part(message, "html")
    # Four stories in two sections: the first two are in the first.
    assert headlines(text) == ["One", "In brief", "Two", "Three"]
    assert html.index(">One<") < html.index(">In brief<") < html.index(">Two<") < html.index(">Three<")


def test_the_story_that_leads_the_digest_is_never_brief() -> None:
    page = render_stories([make_story("One", excerpt=""), make_story("Two", excerpt=LONG)])
    html = body_part(build_message(page), "html")
    assert 'class="lead"' in html
    assert html.index(">One<") < html.index(">Two<")
    assert ">In brief<" not in html


def test_a_section_of_brief_stories_alone_needs_no_second_heading() -> None:
    stories = [make_story("One", excerpt=LONG), make_story("Two", excerpt="")]
    text = body_part(build_message(render_stories(stories)), "plain")
    assert headlines(text) == ["One", "Two"]
    assert "- Two\nKazakhstan, Uzbekistan · Source 0 · Tue 14:00\nhttps://" in text


def test_a_brief_story_has_its_link_and_is_escaped() -> None:
    hostile = '</p><script>alert(1)</script> & "more"'
    stories = [make_story("One", excerpt=LONG), make_story(hostile, excerpt="", language="fa")]
    html = body_part(build_message(render_stories(stories)), "html")
    assert "<script>" not in html
    assert "&lt;/p&gt;&lt;script&gt;" in html
    assert '<span lang="fa" dir="auto"><a class="ink"' in html


def test_brief_stories_count_and_are_limited_like_others() -> None:
    stories = [make_story(f"Story {n}", excerpt="") for n in range(9)]
    page = render_stories(stories, max_stories=4)
    text = body_part(build_message(page), "plain")
    assert len(re.findall(r"(?m)^(?:- )?Story \d$", text)) == 4
    assert "5 more on the web" in text


@pytest.mark.parametrize("language", MAIL_LANGUAGES)
def test_the_heading_is_in_the_language_of_the_digest(language: str) -> None:
    stories = [
        make_story("One", excerpt=LONG),
        make_story("Two", excerpt=""),
        *(make_story() for _ in range(2)),
    ]
    html = body_part(build_message(render_stories(stories, language), language), "html")
    assert f">{translations(language).gettext('In brief')}</h3>" in html
