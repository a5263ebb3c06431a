"""An edition for many readers is sent only with their number typed."""

import re

import pytest

from digest.admin import large_mailings
from tests.builders import World
from tests.web.browser_session import BrowserSession, page_slot


@pytest.mark.parametrize(("typed", "is_sent"), [("", False), ("2", False), ("3", True), (" 3 ", True)])
def test_many_mails_want_their_number_typed(
    editor: BrowserSession, world: World, monkeypatch: pytest.MonkeyPatch, typed: str, is_sent: bool
) -> None:
    monkeypatch.setattr(large_mailings, "MAX_WITHOUT_NUMBER", 2)
    world.article(countries=["KZ"])
    world.many_subscribers(3)
    page = editor.post("/admin/compose", {"kind": "everyone"}, form_page="/admin/compose").text
    shown = re.search(r'name="shown_count" value="(\d+)"', page)
    assert shown
    form = {"kind": "everyone", "slot": page_slot(page), "shown_count": shown[1], "typed_count": typed}
    answer = editor.post("/admin/compose/send", form, form_page="/admin/compose")
    assert (answer.status_code == 302) is is_sent
    assert is_sent or 'id="send-typed_count-error"' in answer.text


def test_few_mails_want_no_number(editor: BrowserSession, world: World) -> None:
    world.article(countries=["KZ"])
    world.subscriber()
    page = editor.post("/admin/compose", {"kind": "everyone"}, form_page="/admin/compose").text
    assert "typed_count" not in page
