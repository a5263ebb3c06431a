"""Sending an edition manually: how many subscribers it reaches, sending it once, pausing and cancelling it."""

import re

import pytest

from digest.deliveries.planning import freezing, manual_editions
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending import delivery_sender
from digest.deliveries.store import deliveries, edition_list
from digest.editions.states import EditionKind
from digest.editions.store import editions
from digest.parts import Parts
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.web.browser_session import BrowserSession, page_slot


@pytest.fixture
def news(world: World) -> World:
    """News about two countries; three subscribers of the first, one of the second, and one without new stories."""
    world.article("A caravan of a hundred camels reached the market", ["KZ"])
    world.article("A bridge over the river was opened to carts", ["GE"])
    for name in ("aigul", "dmitri", "farhad"):
        world.subscriber(f"{name}@example.com", ["central-asia"])
    world.subscriber("nino@example.com", ["ge"])
    world.subscriber("seen@example.com", ["central-asia"], last_cutoff=world.clock())
    world.subscriber("gone@example.com", ["central-asia"], state="unsubscribed")
    return world


LISTED = re.compile(r'<th scope="row">\s*<a href="/admin/editions/(\d+)"')


def figures(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"<dd>([\d,]+)</dd>", page)]


def prepared(browser: BrowserSession, parts: Parts, **form: object) -> int:
    """Send an edition manually, and plan it as the worker would."""
    page = browser.post("/admin/compose", form, form_page="/admin/compose").text
    answer = browser.post(
        "/admin/compose/send", {**form, "slot": page_slot(page)}, form_page="/admin/compose"
    )
    edition_id = int(answer.location.rpartition("/")[2])
    manual_editions.plan(parts.db, parts.planner(), edition_id, parts.clock())
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
def test_the_confirmation_counts_subscribers_mails_and_digests(
    editor: BrowserSession, news: World, form: dict[str, object], numbers: list[int]
) -> None:
    assert figures(editor.post("/admin/compose", form, form_page="/admin/compose").text) == numbers


def test_what_was_counted_is_what_is_planned(editor: BrowserSession, news: World, parts: Parts) -> None:
    edition_id = prepared(editor, parts, kind="everyone", note="Happy holidays")
    with parts.db.read() as tx:
        assert deliveries.count_by_state(tx, [edition_id]) == {edition_id: {"planned": 4}}
        assert editions.by_id(tx, edition_id).note == "Happy holidays"


def test_a_double_click_sends_once(editor: BrowserSession, news: World, parts: Parts) -> None:
    form = {"kind": "everyone", "note": ""}
    slot = page_slot(editor.post("/admin/compose", form, form_page="/admin/compose").text)
    places = {editor.post("/admin/compose/send", {**form, "slot": slot}).location for _ in range(2)}
    assert places == {"/admin/editions/1"}
    with parts.db.read() as tx:
        assert editions.listing(tx)[1] == 1


def test_looking_at_the_confirmation_sends_nothing(editor: BrowserSession, news: World, parts: Parts) -> None:
    editor.post("/admin/compose", {"kind": "everyone"}, form_page="/admin/compose")
    with parts.db.read() as tx:
        assert editions.listing(tx)[1] == 0


def test_an_audience_with_nothing_new_has_no_button(editor: BrowserSession, world: World) -> None:
    world.subscriber()
    page = editor.post("/admin/compose", {"kind": "everyone"}, form_page="/admin/compose").text
    assert "No mails to send" in page
    assert "/admin/compose/send" not in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"kind": "regions"}, "at least one region"),
        ({"kind": "address", "address": "nobody", "regions": ["ge"]}, "is not an e-mail address"),
        ({"kind": "everyone", "note": "n" * 1001}, "At most 1000 characters"),
    ],
)
def test_errors_of_the_form_are_shown(editor: BrowserSession, form: dict[str, object], words: str) -> None:
    answer = editor.post("/admin/compose", form, form_page="/admin/compose")
    assert answer.status_code == 422
    assert words in answer.text


def test_searching_the_tree_keeps_the_ticked_regions(editor: BrowserSession) -> None:
    form = {"kind": "regions", "regions": ["ge"], "query": "kazakh", "find": "1"}
    answer = editor.post("/admin/compose", form, form_page="/admin/compose")
    assert answer.status_code == 200
    assert 'value="kz"' in answer.text
    assert re.search(r'type="hidden" name="regions" value="ge"', answer.text)


def test_an_edition_shows_its_digests_and_the_server_replies(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    while delivery_sender.send_due(parts.db, parts.sending).claimed:
        pass
    page = editor.get_page(f"/admin/editions/{edition_id}")
    assert "A caravan of a hundred camels" in page
    assert "aigul@example.com" in page
    assert "250 kept in the outbox" in page
    assert "No deliveries in this state" in editor.get_page(f"/admin/editions/{edition_id}?state=refused")
    progress = editor.get_page(f"/admin/editions/{edition_id}/progress")
    assert "4 of 4" in progress
    assert (progress.count("<rect"), progress.count("<progress")) == (1, 0)
    assert 'class="share-accepted"' in progress


def test_a_digest_of_an_edition_is_shown_without_stories_hidden_since(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    prepared(editor, parts, kind="regions", regions=["ge"])
    assert "A bridge" in editor.get_page("/admin/digests/1")
    assert "A bridge" in editor.get_page("/admin/digests/1/mail.html")
    editor.post("/admin/articles/2/hide")
    assert "No stories left" in editor.get_page("/admin/digests/1")


def test_an_edition_is_paused_and_resumed(editor: BrowserSession, news: World, parts: Parts) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    path = f"/admin/editions/{edition_id}"
    editor.post(f"{path}/pause", form_page=path)
    assert delivery_sender.send_due(parts.db, parts.sending).claimed == 0
    editor.post(f"{path}/resume", form_page=path)
    assert delivery_sender.send_due(parts.db, parts.sending).claimed == 4


def test_the_rate_of_an_edition_is_limited_and_the_limit_removed(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    path = f"/admin/editions/{edition_id}"
    for given, rate, message in (("12", 12, "At most 12 mails a second."), ("", 0, "Rate limit removed.")):
        assert message in editor.follow(editor.post(f"{path}/rate", {"rate": given}, form_page=path))
        with parts.db.read() as tx:
            assert editions.by_id(tx, edition_id).rate == rate
    for wrong in ("-1", "1.5", "٣", "1234567"):
        assert "is not a number of mails" in editor.page_after(
            editor.post(f"{path}/rate", {"rate": wrong}, form_page=path)
        )


def test_cancelling_is_confirmed_and_stops_unsent_mails(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    path = f"/admin/editions/{edition_id}/cancel"
    assert "4 mails are not sent yet" in editor.get_page(path)
    assert "4 mails will not be sent" in editor.follow(editor.post(path, form_page=path))
    assert delivery_sender.send_due(parts.db, parts.sending).claimed == 0
    assert "is cancelled; only" in editor.follow(editor.post(path, form_page=path))


def test_the_progress_is_polled_only_while_the_edition_is_in_progress(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    edition_id = prepared(editor, parts, kind="everyone")
    path = f"/admin/editions/{edition_id}/progress"
    assert 'hx-trigger="every 2s"' in editor.get_page(f"{path}?shown=sending")
    editor.post(f"/admin/editions/{edition_id}/pause")
    answer = editor.get(f"{path}?shown=sending")
    assert "hx-trigger" not in answer.text
    assert answer.headers["HX-Refresh"] == "true"


def test_a_draft_is_arranged_frozen_looked_at_and_sent(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    form = {"kind": "everyone", "note": "A word", "hours": "0"}
    slot = page_slot(editor.post("/admin/compose", form, form_page="/admin/compose").text)
    answer = editor.post("/admin/compose/draft", {**form, "slot": slot}, form_page="/admin/compose")
    place = answer.location.removeprefix("https://news.example.org")
    assert "A draft is not sent" in editor.follow(answer)
    assert "Nothing was sent, and nothing will be" in editor.get_page(f"{place}/cancel")
    editor.post("/admin/stories/2/pin", form_page=place)
    assert "pinned" in editor.get_page(place)
    assert "Why it stands here" in editor.get_page(place)
    assert "Place 1 in the order of a source: +" in editor.get_page(place)
    nino = editor.get_page(f"{place}/reader?address=nino")
    assert "nino@example.com" in nino
    assert "A bridge over the river" in editor.get_page(f"{place}/reader?reader=4")
    editor.post(f"{place}/freeze", form_page=place)
    freezing.write_digests(parts.db, parts.planner(), 1, parts.clock())
    assert "Frozen for 4 subscribers" in editor.get_page(place)
    assert "Send 4 mails" in editor.get_page(f"{place}/send")
    refused = editor.post(f"{place}/send", {"at": "tomorrow"}, form_page=place)
    assert "is not a date and time" in refused.text
    editor.post("/admin/security/zone", {"zone": "Asia/Almaty"}, form_page="/admin/security")
    assert "Or schedule it for (Asia/Almaty)" in editor.get_page(place)
    editor.post(f"{place}/send", {"at": "2026-03-11T07:30"}, form_page=place)
    assert 'datetime="2026-03-11T02:30:00Z"' in editor.get_page(place).partition("Scheduled for")[2]
    editor.post(f"{place}/unschedule", form_page=place)
    editor.post("/admin/articles/1/hide", form_page=place)
    assert "can’t be sent" in editor.get_page(place)
    assert "has changed since it was frozen" in editor.get_page(f"{place}/send")
    assert "is not what was frozen" in editor.follow(editor.post(f"{place}/send", form_page=place))
    editor.post(f"{place}/thaw", form_page=place)
    assert "A draft is not sent" in editor.get_page(place)


def test_a_frozen_edition_that_reaches_nobody_offers_no_sending(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    edition_id = manual_editions.create(
        parts.db, Audience("everyone"), note="", now=parts.clock(), idempotency_key="x", draft=True
    )
    freezing.freeze(parts.db, edition_id, parts.clock())
    freezing.write_digests(parts.db, parts.planner(), edition_id, parts.clock())
    with parts.db.begin() as tx:
        for subscriber in tx.query(Subscriber):
            subscriber.last_cutoff = parts.clock()
    place = f"/admin/editions/{edition_id}"
    assert "no subscriber would get a mail" in editor.get_page(place)
    assert "Send…" not in editor.get_page(place)
    assert "No mails to send" in editor.get_page(f"{place}/send")
    assert "Send 0 mails" not in editor.get_page(f"{place}/send")


def test_editions_are_listed_by_kind(editor: BrowserSession, parts: Parts) -> None:
    assert "No editions yet" in editor.get_page("/admin/editions")
    assert "No editions of this kind" in editor.get_page("/admin/editions?kind=scheduled")
    now = parts.clock()
    with parts.db.begin() as tx:
        for kind in (EditionKind.MANUAL, EditionKind.TEST):
            editions.create_manual(tx, kind, {}, note="", now=now, cutoff=now)
    assert 'href="/admin/editions/2"' not in editor.get_page("/admin/editions?kind=manual")
    tests = editor.get_page("/admin/editions?kind=test")
    assert 'data-label="Total" class="number">—</td>' in tests
    assert 'href="/admin/editions/2"' in tests
    assert 'href="/admin/editions/1"' not in tests


def test_editions_are_sorted_and_the_order_stays_with_kind_and_page(
    editor: BrowserSession, news: World, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(editor, parts, kind="everyone")
    delivery_sender.send_due(parts.db, parts.sending)
    now = parts.clock()
    with parts.db.begin() as tx:
        for _ in range(2):
            editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=now, cutoff=now)
    monkeypatch.setattr(edition_list, "PAGE_SIZE", 1)
    first = editor.get_page("/admin/editions?kind=manual&sort=mails")
    assert LISTED.findall(first) == ["1"]
    assert "3 editions" in first
    assert 'href="/admin/editions?kind=test&amp;sort=mails"' in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = editor.get_page(older[1].replace("&amp;", "&"))
    assert LISTED.findall(second) == ["3"]
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer
    assert LISTED.findall(editor.get_page(newer[1].replace("&amp;", "&"))) == ["1"]


def test_what_has_changed_since_an_editor_looked_is_shown(
    editor: BrowserSession, news: World, parts: Parts
) -> None:
    form = {"kind": "everyone", "hours": "0"}
    slot = page_slot(editor.post("/admin/compose", form, form_page="/admin/compose").text)
    editor.post("/admin/compose/draft", {**form, "slot": slot}, form_page="/admin/compose")
    changes = "/admin/editions/1/changes"
    assert changes in editor.get_page("/admin/editions/1")
    page = editor.get_page(changes)
    assert "when editor@example.org looked" in page
    assert "headlines and countries are the same" in page
    editor.post("/admin/articles/1/tags", {"countries": ["PE"]})
    editor.post("/admin/articles/2/hide")
    page = editor.get_page(changes)
    assert '<td data-label="Then">Kazakhstan</td>' in page
    assert '<td data-label="Now">Peru</td>' in page
    assert "gone" in page.partition("A bridge over the river was opened to carts")[2]
    assert [int(number) for number in re.findall(r"<dd>(\d+)</dd>", page)] == [4, 2]
    assert '<dd id="mails-now">0</dd>' in editor.get_page(f"{changes}?mails=1")
    page = editor.follow(editor.post(changes, form_page=changes))
    assert "are the same" in page
