"""Sending by hand: how many it reaches, once only, and holding or ending it."""

import re

import pytest

from digest.deliveries.planning import freezing, manual_editions
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending import delivery_sender
from digest.deliveries.store import claims as deliveries
from digest.editions.store import editions
from digest.parts import Parts
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.web.browser_session import Desk, slot_of


@pytest.fixture
def news(world: World) -> World:
    """News about two places; three readers of the one, one of the other, one who has seen all."""
    world.article("A caravan of a hundred camels reached the market", ["KZ"])
    world.article("A bridge over the river was opened to carts", ["GE"])
    for name in ("aigul", "dmitri", "farhad"):
        world.reader(f"{name}@example.com", ["central-asia"])
    world.reader("nino@example.com", ["ge"])
    world.reader("seen@example.com", ["central-asia"], last_cutoff=world.clock())
    world.reader("gone@example.com", ["central-asia"], state="unsubscribed")
    return world


def figures(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"<dd>([\d,]+)</dd>", page)]


def prepared(desk: Desk, parts: Parts, **form: object) -> int:
    """Send by hand, and plan as the worker would."""
    page = desk.post("/admin/compose", form, on="/admin/compose").text
    answer = desk.post("/admin/compose/send", {**form, "slot": slot_of(page)}, on="/admin/compose")
    edition_id = int(answer.location.rpartition("/")[2])
    manual_editions.plan(parts.db, parts.planner(), edition_id, parts.reader.clock())
    return edition_id


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ({"kind": "everyone"}, [5, 4, 2]),
        ({"kind": "due"}, [5, 4, 2]),
        ({"kind": "regions", "regions": ["kz"]}, [4, 3, 1]),
        ({"kind": "regions", "regions": ["ge"]}, [1, 1, 1]),
    ],
)
def test_the_confirmation_counts_readers_mails_and_digests(
    editor: Desk, news: World, form: dict[str, object], numbers: list[int]
) -> None:
    assert figures(editor.post("/admin/compose", form, on="/admin/compose").text) == numbers


def test_what_was_counted_is_what_is_planned(editor: Desk, news: World, parts: Parts) -> None:
    edition_id = prepared(editor, parts, kind="everyone", note="Happy holidays")
    with parts.db.read() as tx:
        assert deliveries.counts(tx, [edition_id]) == {edition_id: {"planned": 4}}
        assert editions.by_id(tx, edition_id).note == "Happy holidays"


def test_a_double_click_sends_once(editor: Desk, news: World, parts: Parts) -> None:
    form = {"kind": "everyone", "note": ""}
    slot = slot_of(editor.post("/admin/compose", form, on="/admin/compose").text)
    places = {editor.post("/admin/compose/send", {**form, "slot": slot}).location for _ in range(2)}
    assert places == {"/admin/editions/1"}
    with parts.db.read() as tx:
        assert editions.listing(tx)[1] == 1


def test_looking_at_the_confirmation_sends_nothing(editor: Desk, news: World, parts: Parts) -> None:
    editor.post("/admin/compose", {"kind": "everyone"}, on="/admin/compose")
    with parts.db.read() as tx:
        assert editions.listing(tx)[1] == 0


def test_an_audience_with_nothing_new_has_no_button(editor: Desk, world: World) -> None:
    world.reader()
    page = editor.post("/admin/compose", {"kind": "everyone"}, on="/admin/compose").text
    assert "Nobody would get a mail" in page
    assert "/admin/compose/send" not in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"kind": "regions"}, "at least one region"),
        ({"kind": "address", "address": "nobody", "regions": ["ge"]}, "is not an e-mail address"),
        ({"kind": "everyone", "note": "n" * 1001}, "At most 1000 characters"),
    ],
)
def test_what_is_wrong_with_the_form_is_said(editor: Desk, form: dict[str, object], words: str) -> None:
    answer = editor.post("/admin/compose", form, on="/admin/compose")
    assert answer.status_code == 422
    assert words in answer.text


def test_searching_the_tree_keeps_what_was_ticked(editor: Desk) -> None:
    form = {"kind": "regions", "regions": ["ge"], "query": "kazakh", "find": "1"}
    answer = editor.post("/admin/compose", form, on="/admin/compose")
    assert answer.status_code == 200
    assert 'value="kz"' in answer.text
    assert re.search(r'type="hidden" name="regions" value="ge"', answer.text)


def test_an_edition_shows_its_digests_and_what_the_server_said(
    editor: Desk, news: World, parts: Parts
) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    while delivery_sender.send_due(parts.db, parts.post):
        pass
    page = editor.page(f"/admin/editions/{edition_id}")
    assert "A caravan of a hundred camels" in page
    assert "aigul@example.com" in page
    assert "250 kept in the outbox" in page
    assert "None in this state" in editor.page(f"/admin/editions/{edition_id}?state=refused")
    assert "4 of 4" in editor.page(f"/admin/editions/{edition_id}/progress")


def test_a_digest_of_an_edition_is_shown_without_what_was_hidden_since(
    editor: Desk, news: World, parts: Parts
) -> None:
    prepared(editor, parts, kind="regions", regions=["ge"])
    assert "A bridge" in editor.page("/admin/digests/1")
    assert "A bridge" in editor.page("/admin/digests/1/mail.html")
    editor.post("/admin/articles/2/hide")
    assert "Nothing left to show" in editor.page("/admin/digests/1")


def test_an_edition_is_held_and_goes_on(editor: Desk, news: World, parts: Parts) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    path = f"/admin/editions/{edition_id}"
    editor.post(f"{path}/pause", on=path)
    assert delivery_sender.send_due(parts.db, parts.post) == 0
    editor.post(f"{path}/resume", on=path)
    assert delivery_sender.send_due(parts.db, parts.post) == 4


def test_an_edition_is_slowed_and_let_go(editor: Desk, news: World, parts: Parts) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    path = f"/admin/editions/{edition_id}"
    for given, rate, told in (("12", 12, "At most 12 mails a second."), ("", 0, "No limit of its own")):
        assert told in editor.follow(editor.post(f"{path}/rate", {"rate": given}, on=path))
        with parts.db.read() as tx:
            assert editions.by_id(tx, edition_id).rate == rate
    for wrong in ("-1", "1.5", "٣", "1234567"):
        assert "is not a number of mails" in editor.follow(
            editor.post(f"{path}/rate", {"rate": wrong}, on=path)
        )


def test_cancelling_is_confirmed_and_ends_what_is_left(editor: Desk, news: World, parts: Parts) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    path = f"/admin/editions/{edition_id}/cancel"
    assert "4 mails are not out yet" in editor.page(path)
    assert "4 mails will not go out" in editor.follow(editor.post(path, on=path))
    assert delivery_sender.send_due(parts.db, parts.post) == 0
    assert "is cancelled; only" in editor.follow(editor.post(path, on=path))


def test_the_progress_is_asked_for_only_while_something_moves(
    editor: Desk, news: World, parts: Parts
) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    path = f"/admin/editions/{edition_id}/progress"
    assert 'hx-trigger="every 2s"' in editor.page(f"{path}?shown=sending")
    editor.post(f"/admin/editions/{edition_id}/pause")
    answer = editor.get(f"{path}?shown=sending")
    assert "hx-trigger" not in answer.text
    assert answer.headers["HX-Refresh"] == "true"


def test_a_draft_is_arranged_frozen_looked_at_and_sent(editor: Desk, news: World, parts: Parts) -> None:
    form = {"kind": "everyone", "note": "A word", "hours": "0"}
    slot = slot_of(editor.post("/admin/compose", form, on="/admin/compose").text)
    answer = editor.post("/admin/compose/draft", {**form, "slot": slot}, on="/admin/compose")
    place = answer.location.removeprefix("https://news.example.org")
    assert "A draft: nothing goes out" in editor.follow(answer)
    assert "Nothing of it has gone out" in editor.page(f"{place}/cancel")
    editor.post("/admin/stories/2/pin", on=place)
    assert "on top" in editor.page(place)
    nino = editor.page(f"{place}/reader?address=nino")
    assert "nino@example.com" in nino
    assert "A bridge over the river" in editor.page(f"{place}/reader?reader=4")
    editor.post(f"{place}/freeze", on=place)
    freezing.compose(parts.db, parts.planner(), 1, parts.reader.clock())
    assert "Frozen for 4 readers" in editor.page(place)
    assert "Send 4 mails" in editor.page(f"{place}/send")
    refused = editor.post(f"{place}/send", {"at": "tomorrow"}, on=place)
    assert "is not a date and time" in editor.follow(refused)
    editor.post(f"{place}/send", {"at": "2026-03-11T07:30"}, on=place)
    assert "goes out by itself" in editor.page(place)
    editor.post(f"{place}/unschedule", on=place)
    editor.post("/admin/articles/1/hide", on=place)
    assert "can’t be sent" in editor.page(place)
    assert "changed since it was frozen" in editor.page(f"{place}/send")
    assert "is not what was frozen" in editor.follow(editor.post(f"{place}/send", on=place))
    editor.post(f"{place}/thaw", on=place)
    assert "A draft" in editor.page(place)


def test_a_frozen_edition_that_reaches_nobody_offers_no_sending(
    editor: Desk, news: World, parts: Parts
) -> None:
    edition_id = manual_editions.create(
        parts.db, Audience("everyone"), note="", now=parts.reader.clock(), slot="x", draft=True
    )
    freezing.freeze(parts.db, edition_id, parts.reader.clock())
    freezing.compose(parts.db, parts.planner(), edition_id, parts.reader.clock())
    with parts.db.begin() as tx:
        for reader in tx.query(Subscriber):
            reader.last_cutoff = parts.reader.clock()
    place = f"/admin/editions/{edition_id}"
    assert "nobody would get a mail" in editor.page(place)
    assert "Send…" not in editor.page(place)
    assert "Nobody would get a mail" in editor.page(f"{place}/send")
    assert "Send 0 mails" not in editor.page(f"{place}/send")
