"""What editors see of readers, and do for them."""

import pytest

from digest.parts import Parts
from digest.subscribers.pure.email_address import address_hash
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store
from tests.builders import World
from tests.web.browser_session import Desk


def test_readers_are_found_by_a_part_of_the_address_and_by_state(editor: Desk, world: World) -> None:
    world.reader("nino@example.com", ["ge"])
    world.reader("karin@example.com", state="pending")
    page = editor.page("/admin/subscribers?q=NINO")
    assert "nino@example.com" in page
    assert "karin@example.com" not in page
    assert "daily at 07:00 (UTC)" in page
    assert "karin@example.com" in editor.page("/admin/subscribers?state=pending")
    assert "Nobody fits" in editor.page("/admin/subscribers?q=100%25")


def test_a_readers_page_tells_all_that_is_known(editor: Desk, world: World, parts: Parts) -> None:
    reader = world.reader(regions=["ge", "az"])
    with parts.db.begin() as tx:
        store.consent(tx, reader, "asked", "192.0.2.7", wording="Yes, send me <this>.", now=world.clock())
    page = editor.page(f"/admin/subscribers/{reader.id}")
    assert "Georgia" in page
    assert "192.0.2.7" in page
    assert "Yes, send me &lt;this&gt;." in page


def test_the_link_is_owed_as_a_letter_and_no_more_than_four_a_day(
    editor: Desk, world: World, parts: Parts
) -> None:
    reader = world.reader()
    path = f"/admin/subscribers/{reader.id}"
    answers = [editor.follow(editor.post(f"{path}/link", on=path)) for _ in range(5)]
    assert "The link is on its way" in answers[0]
    assert "No letter was sent" in answers[4]
    with parts.db.read() as tx:
        assert [letter.kind for letter in letters.of_subscriber(tx, reader)] == ["link"] * 4


def test_an_editor_unsubscribes_a_reader_who_asked_for_it(editor: Desk, world: World, parts: Parts) -> None:
    reader = world.reader()
    path = f"/admin/subscribers/{reader.id}"
    assert "Only they can begin again" in editor.page(f"{path}/unsubscribe")
    editor.post(f"{path}/unsubscribe", on=f"{path}/unsubscribe")
    with parts.db.read() as tx:
        assert store.by_id(tx, reader.id).state == "unsubscribed"
    assert "gets nothing already" in editor.follow(editor.post(f"{path}/unsubscribe", on=path))


def test_erasing_is_confirmed_and_leaves_the_address_nowhere(admin: Desk, world: World, parts: Parts) -> None:
    reader = world.reader("forget.me@example.com")
    path = f"/admin/subscribers/{reader.id}"
    admin.post(f"{path}/link", on=path)
    assert "forget.me@example.com" in admin.page(f"{path}/erase")
    admin.post(f"{path}/erase", on=path)
    assert admin.get(path).status_code == 404
    assert "forget.me" not in admin.page("/admin/audit")
    with parts.db.read() as tx:
        assert store.suppressed(tx, address_hash(parts.settings.secret_key, "forget.me@example.com"))


@pytest.mark.parametrize(
    "path", ["/admin/subscribers/99", "/admin/editions/99", "/admin/articles/99", "/admin/digests/99"]
)
def test_what_is_not_there_is_a_page_that_says_so(editor: Desk, path: str) -> None:
    answer = editor.get(path)
    assert answer.status_code == 404
    assert "There is no" in answer.text
