"""Mails and web editions whose links are counted."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from flask import Flask
from lxml import html as markup

from digest.articles.pure.shown_story import ShownStory
from digest.deliveries.messages.digest_message import prepare_message
from digest.deliveries.planning.edition_planner import plan_due
from digest.editions.fragment_values import Site
from digest.editions.fragments import Fragments
from digest.editions.pure.counted_editions import counted_edition
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.sections import Section
from digest.editions.rendering import GMAIL_CLIP, render_digest
from digest.editions.states import EditionKind
from digest.i18n.catalogs import MAIL_LANGUAGES
from digest.i18n.locales import translations
from digest.opens.pure.counted_links import NO_EDITION, CountedLink, CountedLinks
from digest.parts import Parts
from tests.builders import World
from tests.conftest import StoppedClock
from tests.editions.sample_digest import (
    FRAGMENTS,
    SENDER,
    SITE,
    TREE,
    body_part,
    build_message,
    make_story,
    parse_message,
)

LINKS = CountedLinks("a secret", SITE)
COUNTING = Fragments(Site("Dateline", SITE, "1 Test Street, Testville", counted_links=LINKS), TREE)
SENTENCE = "We count how often each story is opened, but not who opens it."
EDITION = 12
SLOTS = dict.fromkeys(
    ("date_line", "why_line", "preferences_url", "unsubscribe_url", "pause_url", "page_links"), "x"
)
TOKEN = re.compile(rf"{SITE}/s/([\w-]+)")


def digest_of(
    stories: Sequence[ShownStory], language: str = "en", edition: int | None = EDITION
) -> DigestInput:
    sections = [Section("central-asia", tuple((story.id, story.version) for story in stories))]
    return DigestInput("A subject", language, "", sections, f"{SITE}/read/AbCdEf", 40, counted_in=edition)


def mail(
    stories: Sequence[ShownStory],
    language: str = "en",
    edition: int | None = EDITION,
    fragments: Fragments = COUNTING,
) -> bytes:
    shown = {story.id: story for story in stories}
    return build_message(render_digest(digest_of(stories, language, edition), shown, fragments), language)


def opened(text: str) -> set[CountedLink | None]:
    return {LINKS.read(token) for token in TOKEN.findall(text)}


@pytest.mark.parametrize("language", MAIL_LANGUAGES)
def test_every_link_to_a_story_is_counted_and_the_mail_says_so(language: str) -> None:
    stories = [make_story(also=n % 3) for n in range(12)]
    message = mail(stories, language)
    expected = {
        CountedLink(report.article_id, EDITION)
        for story in stories
        for report in (story.lead, *story.also_in)
    }
    sentence = translations(language).gettext(SENTENCE)
    assert language == "en" or sentence != SENTENCE
    for kind in ("html", "plain"):
        body = body_part(message, kind)
        assert opened(body) == expected
        assert "example.net" not in body
        assert sentence in " ".join(body.split())
    links = [a.get("href") or "" for a in markup.document_fromstring(body_part(message, "html")).iter("a")]
    assert all(link.startswith((SITE, "#")) for link in links)


def test_two_readers_with_other_regions_and_languages_get_the_same_link() -> None:
    story, other = make_story(), make_story()
    mine, theirs = mail([story, other]), mail([other, story], "ru")
    assert opened(body_part(mine, "html")) == opened(body_part(theirs, "html"))
    assert opened(body_part(mail([story, other], edition=13), "html")) == {
        CountedLink(story.lead.article_id, 13),
        CountedLink(other.lead.article_id, 13),
    }


def test_a_digest_that_is_not_counted_has_the_publishers_addresses() -> None:
    story = make_story()
    body = body_part(mail([story], edition=None), "html")
    assert not opened(body)
    assert "https://example.net/" in body


def test_where_counting_is_off_nothing_is_different() -> None:
    stories = [make_story(also=2) for _ in range(9)]
    off = mail(stories, fragments=FRAGMENTS)
    assert off == mail(stories, fragments=FRAGMENTS, edition=None)
    assert SENTENCE not in body_part(off, "html") + body_part(off, "plain")


def test_a_story_without_a_link_gets_none() -> None:
    assert not opened(body_part(mail([make_story(url="javascript:alert(1)")]), "html"))


def test_counted_mails_are_not_cut_by_gmail() -> None:
    stories = [make_story("🚂ქ" * 150, excerpt="ქართული " * 40, source="ს" * 90, also=9) for _ in range(40)]
    body = parse_message(mail(stories)).get_body(("html",))
    assert body is not None
    assert len(str(body.get_payload())) < GMAIL_CLIP


def test_a_counted_mail_is_as_large_as_its_fragments_say() -> None:
    """The room that is reserved for a story is computed with marks, so marks must be as long as links."""
    story = make_story(also=3)
    page = render_digest(digest_of([story]), {story.id: story}, COUNTING)
    assert len(prepare_message(page, 7, SENDER).build([], SLOTS)) == len(
        prepare_message(replace(page, links=None), 7, SENDER).build([], SLOTS)
    )


def test_tests_are_not_counted_and_first_digests_for_no_edition() -> None:
    assert counted_edition(EditionKind.TEST, 5) is None
    assert counted_edition(EditionKind.FIRST, 5) == NO_EDITION
    assert counted_edition(EditionKind.SCHEDULED, 5) == counted_edition(EditionKind.MANUAL, 5) == 5


def test_the_web_edition_has_the_links_of_its_mail(
    app: Flask, parts: Parts, world: World, clock: StoppedClock
) -> None:
    world.subscriber()
    world.article()
    plan_due(parts.db, parts.planner(), clock())
    with parts.db.read() as tx:
        digest = tx.connection().exec_driver_sql("select public_id from digests").scalar_one()
    page = app.test_client().get(f"/read/{digest}").text
    tokens = TOKEN.findall(page)
    assert {parts.counted_links.read(token) for token in tokens} == {CountedLink(1, 1)}
    assert SENTENCE in page
