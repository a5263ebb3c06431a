"""The trail of the desk: several changes are undone one after the other, the last one first."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, g
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from werkzeug.datastructures import MultiDict

from digest.admin import desk_actions, desk_undo
from digest.articles import moderation
from digest.articles.pure.pin_order import restored_order
from digest.articles.states import ArticleKind
from digest.articles.store import desk
from digest.articles.store import stories as story_store
from digest.errors import DatelineError
from digest.parts import Parts
from tests.admin.test_today import FORM_PAGE, UNDO_FORM, change, headlines, story_of, undo_fields
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as

TITLES = ("Astana plants trees", "Kazakhstan opens a port", "Almaty repairs a bridge", "Shymkent reads books")


@pytest.fixture
def stories(world: World, parts: Parts) -> list[int]:
    """Four stories of one article each."""
    for title in TITLES:
        world.article(title, ["KZ"])
    return [story_of(parts, number) for number in (1, 2, 3, 4)]


def look_of(parts: Parts, articles: int = 4) -> list[object]:
    """What editors can change, article by article, with who shares a story, and the order of the pinned stories."""
    with parts.db.read() as tx:
        rows = desk.articles_by_id(tx, range(1, articles + 1))
        by_story = {row.id: row.story_id for row in rows}
        pins = [pin.id for pin in story_store.pinned_stories(tx, parts.clock() - moderation.PIN_WINDOW)]
        return [pins] + [
            (
                row.kind, row.kind_chosen, row.retagged, sorted(tag.country for tag in row.tags),
                [other for other in by_story if by_story[other] == row.story_id],
                row.story and (row.story.id, row.story.hidden, row.story.reviewed_at is not None),
            )
            for row in rows
        ]  # fmt: skip


def test_five_changes_are_undone_in_turn(editor: BrowserSession, stories: list[int], parts: Parts) -> None:
    forms: list[dict[str, object]] = [
        {"action": "pin", "stories": stories[1]},
        {"action": "kind", "kind": "sport", "stories": stories[:2]},
        {"action": "merge", "stories": stories[2:]},
        {"action": "merge", "stories": [stories[0], stories[2]]},  # one that has another in it
        {"action": "retag", "places": "Peru", "stories": stories[1]},
    ]
    looks = []
    for form in forms:
        looks.append(look_of(parts))
        page = change(editor, form, "?kind=all")
    assert "4 earlier changes" in page
    for before in reversed(looks):
        page = change(editor, undo_fields(page), "?kind=all")
        assert look_of(parts) == before
    assert not UNDO_FORM.search(page)
    assert "The pinned stories are as before. Kazakhstan opens a port" in page


def test_a_step_is_undone_once_and_only_if_it_is_the_last(
    editor: BrowserSession, stories: list[int], parts: Parts
) -> None:
    first = undo_fields(change(editor, {"action": "hide", "stories": stories[0]}))
    second = undo_fields(change(editor, {"action": "hide", "stories": stories[1]}))
    answer = editor.post("/admin/today", first, form_page=FORM_PAGE)
    assert (answer.status_code, "Undo that first" in answer.text) == (409, True)
    change(editor, second)
    answer = editor.post("/admin/today", second, form_page=FORM_PAGE)
    assert (answer.status_code, "undone already" in answer.text) == (409, True)
    assert len(headlines(change(editor, first))) == 4


def test_a_step_that_cannot_be_undone_any_more_makes_way_for_the_one_before(
    editor: BrowserSession, stories: list[int], parts: Parts
) -> None:
    change(editor, {"action": "hide", "stories": stories[3]})
    page = change(editor, {"action": "merge", "stories": stories[:2]})
    moderation.split(parts.db, 2)  # nothing of the merged story is in the other any more
    answer = editor.post("/admin/today", undo_fields(page), form_page=FORM_PAGE)
    assert answer.status_code == 409
    assert "out of another story any more" in answer.text
    assert "1 story is shown again." in change(editor, undo_fields(answer.text))


def test_each_account_undoes_its_own_changes_and_what_others_changed_since_stays(
    app: Flask, editor: BrowserSession, stories: list[int], parts: Parts
) -> None:
    other = sign_in_as(app, "manager")
    mine = change(editor, {"action": "pin", "stories": stories[0]})
    mine = change(editor, {"action": "kind", "kind": "sport", "stories": stories[:2]}, "?kind=all")
    theirs = change(other, {"action": "pin", "stories": stories[2]}, "?kind=all")
    change(other, {"action": "kind", "kind": "opinion", "stories": stories[1]}, "?kind=all")
    assert "2 earlier changes" not in theirs
    page = change(editor, undo_fields(mine), "?kind=all")
    assert "The kind is as before. 1 article has been changed since and stays so." in page
    change(editor, undo_fields(page), "?kind=all")
    with parts.db.read() as tx:
        articles = desk.articles_by_id(tx, [1, 2])
        pins = [pin.id for pin in story_store.pinned_stories(tx, parts.clock() - moderation.PIN_WINDOW)]
    assert [article.kind for article in articles] == [ArticleKind.NEWS, ArticleKind.OPINION]
    assert pins == [stories[2]]


@pytest.mark.parametrize(
    ("before", "current", "changed", "order"),
    [
        ([], [1], [1], []),  # it was pinned
        ([], [1, 2], [1], [2]),  # and somebody pinned another since
        ([1, 2, 3], [1, 3], [2], [1, 2, 3]),  # it was unpinned
        ([1, 2, 3], [2, 1, 3], [2], [1, 2, 3]),  # it was moved up
        ([1, 2, 3], [3, 9], [1, 2], [1, 2, 3, 9]),
    ],
)
def test_pins_come_back_to_their_places(
    before: list[int], current: list[int], changed: list[int], order: list[int]
) -> None:
    assert restored_order(before, current, changed) == order


class DeskMachine(RuleBasedStateMachine):
    """An editor changes four stories in any way, some of it is undone, then all the rest."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.parts = parts

    @initialize()
    def begin(self) -> None:
        self.looks: list[list[object]] = []  # before each step of the trail
        self.now = look_of(self.parts)

    @rule(
        form=st.one_of(
            st.sampled_from(
                ["hide", "show", "pin", "unpin", "up", "down", "reviewed", "unreviewed", "merge"]
            ).map(lambda action: {"action": action}),
            st.sampled_from(["sport", "opinion"]).map(lambda kind: {"action": "kind", "kind": kind}),
            st.sampled_from(["Peru", "Georgia, Peru", ""]).map(
                lambda text: {"action": "retag", "places": text}
            ),
        ),
        chosen=st.sets(st.integers(1, 4), min_size=1, max_size=2),
    )
    def act(self, form: dict[str, Any], chosen: set[int]) -> None:
        stories = dict.fromkeys(story_of(self.parts, article) for article in sorted(chosen))
        self._perform(form | {"stories": [str(story) for story in stories]})

    @rule(article=st.integers(1, 4))
    def split(self, article: int) -> None:
        self._perform({"action": f"split:{article}", "stories": str(story_of(self.parts, article))})

    @precondition(lambda self: self.looks)
    @rule()
    def undo(self) -> None:
        step = desk_undo.steps(self.parts.clock())[0]
        desk_undo.undo(MultiDict({"step": str(step.id)}), self.parts.clock())
        self.now = look_of(self.parts)
        assert self.now == self.looks.pop(), step.fields

    def teardown(self) -> None:
        while self.looks:
            self.undo()
        assert desk_undo.steps(self.parts.clock()) == []

    def _perform(self, form: dict[str, Any]) -> None:
        before, now = self.now, self.parts.clock()
        try:
            step = desk_undo.remember(desk_actions.perform(MultiDict(form), now), now)
        except DatelineError:
            step = None
        self.now = look_of(self.parts)
        if step:
            self.looks.append(before)
        else:
            assert self.now == before, form


def test_undoing_all_steps_gives_what_was_at_first(
    app: Flask, editor: BrowserSession, stories: list[int], parts: Parts
) -> None:
    first = look_of(parts)
    with app.test_request_context("/admin/today"):
        g._login_user = SimpleNamespace(account_id=1)
        run_state_machine_as_test(
            lambda: DeskMachine(parts),  # type: ignore[arg-type]  # it takes what makes a machine, too
            settings=hypothesis_settings(max_examples=6, stateful_step_count=10, deadline=None),
        )
    assert look_of(parts) == first
