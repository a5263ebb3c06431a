"""The list of subscribers: filters, pages by key, and changes of many at once."""

import re
from datetime import timedelta

import pytest

from digest.admin import large_mailings
from digest.feedback.states import FeedbackChannel, FeedbackKind
from digest.feedback.store import feedback
from digest.feedback.unsubscribing import unsubscribe
from digest.list_pages import ListPage
from digest.parts import Parts
from digest.subscribers.bulk import changes
from digest.subscribers.store import listing
from digest.subscribers.store.listing import Order, SubscriberFilter
from tests.admin.test_undo import UNDO_FORM, undo
from tests.builders import World
from tests.web.browser_session import BrowserSession

LIST = "/admin/subscribers"
DAY = timedelta(days=1)
FOUND: tuple[tuple[str, list[str]], ...] = (
    ("", ["cem", "bela", "anna"]),
    ("q=NORTH", ["cem", "anna"]),
    ("q=@south", ["bela"]),
    ("state=paused", ["cem"]),
    ("region=ge", ["bela", "anna"]),
    ("region=kz&q=north", ["cem"]),
    ("language=de", []),
    ("cadence=weekly", ["bela"]),
    ("joined_from=2026-03-01", ["cem", "bela"]),
    ("joined_until=2026-03-05", ["bela", "anna"]),
    ("no_digest=30", ["cem", "bela"]),
    ("bounced=1", ["bela"]),
    ("sort=address", ["anna", "bela", "cem"]),
    ("sort=oldest&q=north", ["anna", "cem"]),
)  # by query, the names in their order


def addresses(page: str) -> list[str]:
    page = page.replace("<wbr>", "")  # where an address may be broken
    return re.findall(r'<th scope="row" class="address"><a [^>]*>([^<]+)</a>', page)


@pytest.fixture
def people(world: World, parts: Parts) -> World:
    """Three subscribers who differ in everything that the list filters by."""
    now = world.clock()
    world.subscriber("anna@north.example", ["ge"], created_at=now - 40 * DAY, last_slot_at=now - DAY)
    bela = world.subscriber("bela@south.example", ["kz", "ge"], cadence="weekly", created_at=now - 5 * DAY)
    world.subscriber(
        "cem@north.example", ["kgz-none", "kz"], state="paused", created_at=now, last_slot_at=now - 60 * DAY
    )
    with parts.db.begin() as tx:
        feedback.add(tx, bela, FeedbackKind.BOUNCE, FeedbackChannel.FILE, now=now)
    return world


def test_the_list_is_filtered_and_ordered(manager: BrowserSession, people: World) -> None:
    for query, names in FOUND:
        page = manager.get_page(f"{LIST}?{query}")
        assert [address.partition("@")[0] for address in addresses(page)] == names, query


def test_a_wrong_day_is_shown_beside_its_field(manager: BrowserSession, people: World) -> None:
    answer = manager.get(f"{LIST}?joined_until=soon&q=anna")
    page = answer.text
    assert answer.status_code == 400
    assert 'id="filter-joined_until-error"' in page
    assert 'value="soon"' in page
    assert 'value="anna"' in page
    assert addresses(page) == []


@pytest.mark.parametrize("sort", ["newest", "oldest", "address"])
def test_pages_lead_forth_and_back_without_gaps(
    manager: BrowserSession, world: World, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)
    for n in range(8):
        world.subscriber(f"reader{n}@example.com")
    shown, url = list[str](), f"{LIST}?sort={sort}"
    while True:
        page = manager.get_page(url)
        shown += addresses(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if not older:
            break
        url = older[1].replace("&amp;", "&")
    assert sorted(shown) == sorted(f"reader{n}@example.com" for n in range(8))
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer
    assert addresses(manager.get_page(newer[1].replace("&amp;", "&"))) == shown[3:6]


def change(manager: BrowserSession, **form: object) -> str:
    """Choose a change and confirm it; returns the page after it."""
    page = manager.post(f"{LIST}/choose", form, form_page=LIST).text
    assert "?</h1>" in page, page
    return manager.follow(manager.post(f"{LIST}/change", form, form_page=LIST))


def states(parts: Parts) -> dict[str, str]:
    with parts.db.read() as tx:
        rows = listing.page(tx, SubscriberFilter(), Order.NEWEST).rows
    return {row.email.partition("@")[0]: str(row.state) for row in rows}


def test_ticked_subscribers_are_paused(manager: BrowserSession, people: World, parts: Parts) -> None:
    page = change(manager, action="pause", ids=[1, 2], until="2026-04-01")
    assert "2 subscribers are paused." in page
    assert states(parts) == {"anna": "paused", "bela": "paused", "cem": "paused"}


def test_a_pause_of_several_is_undone(manager: BrowserSession, people: World, parts: Parts) -> None:
    before = states(parts)
    page = undo(manager, change(manager, action="pause", ids=[1, 2], until="2026-04-01"))
    assert "2 subscribers are as before." in page
    assert states(parts) == before


def test_two_changes_of_many_are_undone_from_the_list_the_last_one_first(
    manager: BrowserSession, people: World, parts: Parts
) -> None:
    before = states(parts)
    change(manager, action="pause", ids=[1, 2], until="2026-04-01")
    change(manager, action="unsubscribe", ids=[2])
    page = manager.get_page(LIST)
    assert "2 changes of many can be undone" in page
    buttons = re.findall(r'action="(/admin/subscribers/changes/\d+/undo)"', page)
    texts = re.findall(r"<span>([^<:]+): (\d subscribers?) <", page)
    assert texts == [("Unsubscribed", "1 subscriber"), ("Paused until 1 Apr", "2 subscribers")]
    assert "manager@example.org</span>" in page
    assert "1 subscriber is as before." in manager.follow(manager.post(buttons[0], form_page=LIST))
    assert states(parts) == {"anna": "paused", "bela": "paused", "cem": "paused"}
    assert "2 subscribers are as before." in manager.follow(manager.post(buttons[1], form_page=LIST))
    assert states(parts) == before
    assert "can be undone" not in manager.get_page(LIST)


def test_undoing_the_earlier_change_says_who_waits_for_the_later_one(
    manager: BrowserSession, people: World, parts: Parts
) -> None:
    change(manager, action="pause", ids=[1, 2], until="2026-04-01")
    change(manager, action="unsubscribe", ids=[2])
    page = manager.follow(manager.post(f"{LIST}/changes/1/undo", form_page=LIST))
    assert "1 subscriber is as before. 1 was changed again by a later change of many" in page
    assert states(parts) == {"anna": "active", "bela": "unsubscribed", "cem": "paused"}


def test_pauses_end_without_a_question_and_that_is_undone(
    manager: BrowserSession, people: World, parts: Parts
) -> None:
    form = {"action": "resume", "ids": [1, 3]}
    page = manager.follow(manager.post(f"{LIST}/choose", form, form_page=LIST))
    assert "1 subscriber gets digests again." in page
    assert states(parts) == {"anna": "active", "bela": "active", "cem": "active"}
    assert "1 subscriber is as before." in undo(manager, page)
    assert states(parts)["cem"] == "paused"


def test_pauses_do_not_end_if_more_match_than_the_list_has_shown(
    manager: BrowserSession, people: World, parts: Parts
) -> None:
    assert 'name="shown_count" value="3"' in manager.get_page(LIST)
    form = {"action": "resume", "scope": "all", "shown_count": "2"}
    assert "More subscribers match now: 3." in manager.follow(
        manager.post(f"{LIST}/choose", form, form_page=LIST)
    )
    assert states(parts)["cem"] == "paused"


def test_all_that_match_are_unsubscribed_and_who_left_meanwhile_stays_so(
    manager: BrowserSession, people: World, parts: Parts
) -> None:
    page = change(manager, action="unsubscribe", scope="all", q="north")
    assert "2 subscribers are unsubscribed." in page
    assert states(parts) == {"anna": "unsubscribed", "bela": "active", "cem": "unsubscribed"}
    with parts.db.read() as tx:
        anna = listing.page(tx, SubscriberFilter("anna"), Order.NEWEST).rows[0]
    unsubscribe(parts.db, anna.public_id, origin="page", now=parts.clock())
    page = undo(manager, page)
    assert "1 subscriber is as before. 1 has been changed since and stays so." in page
    assert states(parts) == {"anna": "unsubscribed", "bela": "active", "cem": "paused"}


def test_a_change_that_touched_nobody_or_erased_offers_no_undo(
    manager: BrowserSession, people: World
) -> None:
    form = {"action": "resume", "ids": [1]}
    assert not UNDO_FORM.search(manager.follow(manager.post(f"{LIST}/choose", form, form_page=LIST)))
    assert not UNDO_FORM.search(change(manager, action="erase", ids=[1]))


def test_a_pause_of_many_wants_no_number_because_it_can_be_undone(
    manager: BrowserSession, people: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_mailings, "MAX_WITHOUT_NUMBER", 2)
    page = change(manager, action="pause", scope="all", until="2026-04-01")
    assert "3 subscribers are paused." in page


def test_erasing_leaves_no_address(manager: BrowserSession, people: World, parts: Parts) -> None:
    assert "The data of 2 subscribers is erased." in change(manager, action="erase", ids=[1, 3])
    assert states(parts) == {"bela": "active"}


def test_the_export_has_those_that_match(manager: BrowserSession, people: World) -> None:
    answer = manager.post(
        f"{LIST}/change", {"action": "export", "scope": "all", "region": "ge"}, form_page=LIST
    )
    assert answer.mimetype == "text/csv"
    lines = answer.text.splitlines()
    assert [line.partition(",")[0] for line in lines] == ["email", "anna@north.example", "bela@south.example"]
    assert "kz ge" in lines[2]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"action": "pause"}, "Tick subscribers first"),
        ({"action": "greet", "ids": 1}, "no action for subscribers"),
        ({"action": "erase", "scope": "all"}, "At most 2 subscribers at once"),
    ],
)
def test_what_is_impossible_is_refused(
    manager: BrowserSession,
    people: World,
    monkeypatch: pytest.MonkeyPatch,
    form: dict[str, object],
    words: str,
) -> None:
    monkeypatch.setattr(changes, "MAX_ERASED", 2)
    assert words in manager.follow(manager.post(f"{LIST}/choose", form, form_page=LIST))


def test_a_pause_without_a_day_changes_nothing(manager: BrowserSession, people: World, parts: Parts) -> None:
    form = {"action": "pause", "ids": 1, "until": "2020-01-01"}
    answer = manager.post(f"{LIST}/change", form, form_page=LIST)
    assert answer.status_code == 400
    assert 'id="send-until-error"' in answer.text
    assert states(parts)["anna"] == "active"


def test_many_subscribers_want_their_number_typed(
    manager: BrowserSession, people: World, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_mailings, "MAX_WITHOUT_NUMBER", 2)
    form = {"action": "unsubscribe", "scope": "all"}
    assert 'name="shown_count" value="3"' in manager.post(f"{LIST}/choose", form, form_page=LIST).text
    assert manager.post(f"{LIST}/change", form, form_page=LIST).status_code == 400
    assert states(parts)["anna"] == "active"
    assert "3 subscribers are unsubscribed." in change(manager, **form, shown_count="3", typed_count="3")


def test_more_subscribers_than_were_shown_are_not_changed(
    manager: BrowserSession, people: World, parts: Parts
) -> None:
    form = {"action": "unsubscribe", "scope": "all", "shown_count": "2"}
    answer = manager.post(f"{LIST}/change", form, form_page=LIST)
    assert answer.status_code == 400
    assert "More subscribers match now: 3." in answer.text
    assert 'name="shown_count" value="3"' in answer.text
    assert states(parts)["anna"] == "active"


def test_an_editor_sees_no_buttons(editor: BrowserSession, people: World) -> None:
    page = editor.get_page(LIST)
    assert "anna@north.example" in addresses(page)
    assert 'value="erase"' not in page


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("most", [500, 10])
def test_a_search_has_the_same_pages_forwards_and_backwards(
    world: World, parts: Parts, monkeypatch: pytest.MonkeyPatch, order: Order, most: int
) -> None:
    """Whether the matches fit into memory or not."""
    monkeypatch.setattr(listing, "PAGE_SIZE", 4)
    monkeypatch.setattr(listing, "MAX_COUNTED", most)
    world.many_subscribers(25)
    chosen = SubscriberFilter("c1")  # c1, and c10 to c19
    with parts.db.read() as tx:
        forwards, page, total = [], *listing.search(tx, chosen, order)
        while True:
            forwards.append([row.email_key for row in page.rows])
            if not page.older:
                break
            page, _ = listing.search(tx, chosen, order, after=page.older)
        backwards = [[row.email_key for row in page.rows]]
        while page.newer:
            page, _ = listing.search(tx, chosen, order, before=page.newer)
            backwards.insert(0, [row.email_key for row in page.rows])
        nothing = listing.search(tx, SubscriberFilter("nobody"), order, after="7")
    assert [len(keys) for keys in forwards] == [4, 4, 3]
    assert len({key for keys in forwards for key in keys}) == 11
    assert backwards == forwards
    assert total == 11
    assert nothing == (ListPage([]), 0)
