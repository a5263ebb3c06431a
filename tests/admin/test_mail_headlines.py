"""Headlines that editors write on the desk: mails show them, and the source's own stays beside them."""

import re
from collections.abc import Mapping

from flask import Flask
from sqlalchemy import select, update

from digest.accounts.models import AuditEntry
from digest.articles import moderation
from digest.articles.models import Article
from digest.articles.store import articles as store
from digest.parts import Parts
from tests.admin.test_today import headlines, story_of, undo_fields
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as

DESK = "/admin/today"
MAIL = "/admin/preview/mail.txt?regions=central-asia"


def change(editor: BrowserSession, form: Mapping[str, object]) -> str:
    return editor.follow(editor.post(DESK, {"action": "headline", "article": 1, **form}, form_page=DESK))


def test_mails_show_the_headline_until_it_is_undone(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Astana plants trees", ["KZ"])
    story = story_of(parts, 1)
    page = change(editor, {"headline": "Ten thousand <elms> for Astana", "stories": story})
    assert headlines(page) == ["Ten thousand &lt;elms&gt; for Astana"]
    assert "headline changed" in page
    assert "Astana plants trees" in page  # the source's own, beside the field
    mail = editor.get_page(MAIL)
    assert "Ten thousand <elms> for Astana" in mail
    assert "Astana plants trees" not in mail
    assert "Ten thousand &lt;elms&gt; for Astana" in editor.get_page("/admin/articles/1")
    assert headlines(change(editor, undo_fields(page))) == ["Astana plants trees"]
    with parts.db.read() as tx:
        first = tx.scalars(select(AuditEntry).where(AuditEntry.action == "headline of story changed")).first()
    assert first
    assert (first.before, first.after) == ({"headline": ""}, {"headline": "Ten thousand <elms> for Astana"})
    assert "Astana plants trees" in editor.get_page(MAIL)


def test_it_outlasts_a_change_by_the_source_and_reports_that_would_lead(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("A new bridge over the river Chu was opened on Friday", ["KZ"], age=9)
    change(editor, {"headline": "Chu has its bridge", "stories": story_of(parts, 1)})
    world.article("Lima repairs its port", ["PE"], source="Lantern")
    with parts.db.begin() as tx:
        tx.execute(update(Article).where(Article.id == 1).values(title="A bridge over the Chu was opened"))
        store.increment_story_versions(tx, [story_of(parts, 1)])
    moderation.merge(parts.db, story_of(parts, 1), story_of(parts, 2))
    assert headlines(editor.get_page(DESK)) == ["Chu has its bridge"]
    page = change(editor, {"headline": "", "stories": story_of(parts, 1)})
    assert headlines(page) == ["Lima repairs its port"]  # the newer report leads again


def test_an_empty_headline_or_the_sources_own_is_none(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Astana plants trees", ["KZ"])
    for text in ("", "  Astana plants\ntrees\u202e ", "\u200b"):
        page = change(editor, {"headline": text, "stories": story_of(parts, 1)})
        assert headlines(page) == ["Astana plants trees"]
        assert "headline changed" not in page


def test_a_headline_that_is_too_long_stays_in_its_field(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Astana plants trees", ["KZ"])
    story = story_of(parts, 1)
    form = {"action": "headline", "article": 1, "headline": "long " * 60, "stories": story, "next": story}
    answer = editor.post(DESK, form, form_page=DESK)
    assert answer.status_code == 400
    assert f'value="{"long " * 60}"' in answer.text
    assert f'id="line-{story}-error">The headline has 299 characters; 200 are the most.' in answer.text


def test_a_viewer_can_not_write_headlines(app: Flask, world: World) -> None:
    world.article("Astana plants trees", ["KZ"])
    viewer = sign_in_as(app, "viewer")
    assert "Change headline" not in viewer.get_page(DESK)
    assert viewer.post(DESK, {"action": "headline", "article": 1}, form_page=DESK).status_code == 403


def test_of_two_who_write_a_headline_the_second_sees_what_the_first_saved(
    app: Flask, editor: BrowserSession, world: World
) -> None:
    other = sign_in_as(app, "manager")
    world.article("Astana plants trees", ["KZ"])
    shown = re.search(r'name="shown" value="(headline:\w+)"', editor.get_page(DESK))
    assert shown
    form = {"action": "headline", "article": "1", "stories": "1", "next": "1", "shown": shown[1]}
    other.follow(other.post(DESK, form | {"headline": "Ten thousand elms"}, form_page=DESK))
    answer = editor.post(DESK, form | {"headline": "Elms for Astana"}, form_page=DESK)
    assert answer.status_code == 409
    assert "<bdi>Ten thousand elms</bdi>" in answer.text
    assert "manager@example.org, <time" in answer.text
    assert 'name="headline" value="Elms for Astana"' in answer.text
    fresh = re.search(r'name="shown" value="(headline:\w+)"', answer.text)
    assert fresh
    again = form | {"headline": "Elms for Astana", "shown": fresh[1]}
    assert headlines(editor.follow(editor.post(DESK, again, form_page=DESK))) == ["Elms for Astana"]


def test_undoing_leaves_a_headline_that_somebody_has_written_since(
    app: Flask, editor: BrowserSession, world: World
) -> None:
    other = sign_in_as(app, "manager")
    world.article("Astana plants trees", ["KZ"])
    page = change(editor, {"headline": "Ten thousand elms", "stories": 1})
    change(other, {"headline": "Elms for Astana", "stories": 1})
    page = change(editor, undo_fields(page))
    assert headlines(page) == ["Elms for Astana"]
    assert "1 article has been changed since and stays so." in page
