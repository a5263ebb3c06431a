"""Updates: the mark, the earlier headline and its day, and what a digest's row keeps of them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.chapters import Chapter
from digest.articles.pure.shown_story import ShownStory
from digest.editions.composer import fingerprint
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.sections import Section
from digest.editions.pure.updates import decode_updates, encode_updates, shown_story_ids
from digest.editions.rendering import RenderedDigest, render_digest
from digest.editions.store.editions import DigestRow
from digest.i18n.catalogs import MAIL_LANGUAGES
from digest.i18n.locales import translations
from digest.subscribers.pure.content_choices import ContentChoices
from tests.editions.sample_digest import FRAGMENTS, NOW, SITE, body_part, build_message, make_story

SENT_AT = datetime(2026, 3, 7, 23, 30, tzinfo=UTC)  # in Tashkent it is Sunday already
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the zone is added


def render(
    *stories: ShownStory,
    earlier: ShownStory | None,
    language: str = "en",
    content: ContentChoices = ContentChoices(),  # noqa: B008 -- it is immutable
) -> RenderedDigest:
    """The stories in one section. The first continues `earlier`."""
    earlier_id = earlier.id if earlier else 1
    digest_input = DigestInput(
        stories[0].lead.title,
        language,
        "",
        [Section("central-asia", tuple((story.id, 1) for story in stories))],
        f"{SITE}/read/AbCdEf",
        zone=ZoneInfo("Asia/Tashkent"),
        content=content,
        updates={stories[0].id: Chapter(earlier_id, SENT_AT)},
    )
    shown = {story.id: story for story in (*stories, *((earlier,) if earlier else ()))}
    return render_digest(digest_input, shown, FRAGMENTS)


def parts(page: RenderedDigest, language: str = "en") -> tuple[str, str]:
    message = build_message(page, language)
    return body_part(message, "plain"), body_part(message, "html")


def test_an_update_is_marked_and_quotes_what_was_sent_and_when() -> None:
    earlier = make_story("Talks are <expected> to begin", url="https://example.net/before")
    text, html = parts(render(make_story("Talks have begun"), make_story("Another thing"), earlier=earlier))
    assert "Update: Talks have begun\n" in text
    assert "In your digest of Sun 8 Mar: Talks are <expected> to begin\n" in text
    assert html.count(">Update</span>") == 1
    assert "In your digest of Sun 8 Mar: <span" in html
    assert 'href="https://example.net/before"' in html
    assert "Talks are &lt;expected&gt; to begin</a>" in html


def test_a_story_is_no_update_for_those_who_received_nothing() -> None:
    story = make_story("Talks have begun")
    page = render(make_story("Something else"), story, earlier=None)
    assert "Update: Talks" not in parts(page)[0]


@pytest.mark.parametrize("is_hidden", [True, False])
def test_what_an_editor_hid_or_removed_is_not_quoted(is_hidden: bool) -> None:
    earlier = replace(make_story("A rumour that was false"), hidden=True) if is_hidden else None
    text, html = parts(render(make_story("Talks have begun"), earlier=earlier))
    assert "Update: Talks have begun" in text
    assert "In your digest" not in text + html
    assert "rumour" not in text + html


def test_a_report_that_came_after_the_telling_is_not_quoted() -> None:
    earlier = make_story("Talks are expected", also=1)
    first = replace(earlier.also_in[0], title="Talks are planned", published_at=SENT_AT - timedelta(hours=1))
    text = parts(render(make_story("Talks have begun"), earlier=replace(earlier, also_in=(first,))))[0]
    assert "Talks are planned" in text
    assert "Talks are expected" not in text


def test_an_update_is_shown_in_full_even_if_it_is_short() -> None:
    first = make_story("Talks have begun", excerpt="")
    html = parts(render(first, earlier=make_story("Before")))[1]
    assert html.index("Talks have begun</a></h3>") < html.index(">Before</a>")


def test_a_digest_with_an_update_and_one_without_do_not_share_a_fragment() -> None:
    story = make_story("Talks have begun")
    assert ">Update</span>" in parts(render(story, earlier=make_story("Before")))[1]
    lead = make_story("Lead")
    assert parts(render(lead, story, earlier=make_story("Before")))[1].count(">Update</span>") == 1


@pytest.mark.parametrize("language", MAIL_LANGUAGES)
def test_the_words_are_in_the_language_of_the_digest(language: str) -> None:
    text, html = parts(render(make_story("Now"), earlier=make_story("Before"), language=language), language)
    mark = translations(language).gettext("Update")
    assert f">{mark}</span>" in html
    assert f"{mark}: Now" in text
    assert translations(language).gettext("In your digest of %(day)s:").split("%")[0] in text


def test_why_says_that_it_is_an_update() -> None:
    page = render(
        make_story("Now", also=2), earlier=make_story("Before"), content=ContentChoices(show_why=True)
    )
    assert "\n3 sources · first in Central Asia · update\n" in parts(page)[0]


@given(st.dictionaries(st.integers(1, 2**31), st.builds(Chapter, st.integers(1, 2**31), MOMENTS)))
def test_updates_survive_their_row_to_the_second(updates: dict[int, Chapter]) -> None:
    whole = {key: Chapter(c.story_id, c.sent_at.replace(microsecond=0)) for key, c in updates.items()}
    assert decode_updates(json.loads(json.dumps(encode_updates(updates)))) == whole


def test_the_hash_proves_what_was_sent_before_and_is_as_it_was_without() -> None:
    sections = [Section("ge", ((1, 1),))]
    hashes = {
        fingerprint("Subject", sections, "", updates)
        for updates in (
            {},
            {1: Chapter(2, NOW)},
            {1: Chapter(3, NOW)},
            {1: Chapter(2, NOW + timedelta(1))},
        )
    }
    assert len(hashes) == 4
    assert fingerprint("Subject", sections, "", {}) == fingerprint("Subject", sections, "")


def test_a_digest_shows_the_stories_sent_before_too() -> None:
    sections = (Section("ge", ((1, 1), (2, 1))),)
    digest = DigestRow("key", NOW, "Subject", sections, "hash", updates={2: Chapter(9, NOW)})
    assert shown_story_ids(digest) == {1, 2, 9}
