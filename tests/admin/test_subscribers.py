"""The pages about subscribers, and the actions on their behalf."""

import pytest

from digest.parts import Parts
from digest.subscribers.pure.content_choices import ContentChoices
from digest.subscribers.pure.email_address import address_hash
from digest.subscribers.states import ConsentAction, OptionalKind
from digest.subscribers.store import letters, suppressions
from digest.subscribers.store import subscribers as store
from tests.admin.test_undo import undo
from tests.builders import World
from tests.web.browser_session import BrowserSession
from tests.web.form_values import form_values


def test_subscribers_are_found_by_a_part_of_the_address_and_by_state(
    manager: BrowserSession, world: World
) -> None:
    world.subscriber("nino@example.com", ["ge"])
    world.subscriber("karin@example.com", state="pending")
    page = manager.get_page("/admin/subscribers?q=NINO")
    assert "nino@example.com" in page
    assert "karin@example.com" not in page
    assert "daily at 07:00 (UTC)" in page
    assert "karin@example.com" in manager.get_page("/admin/subscribers?state=pending")
    assert "No matches" in manager.get_page("/admin/subscribers?q=100%25")


def test_a_subscribers_page_shows_regions_and_consents(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    subscriber = world.subscriber(regions=["ge", "az"])
    with parts.db.begin() as tx:
        store.add_consent(
            tx,
            subscriber,
            ConsentAction.ASKED,
            "192.0.2.7",
            wording="Yes, send me <this>.",
            now=world.clock(),
        )
    page = manager.get_page(f"/admin/subscribers/{subscriber.id}")
    assert "Georgia" in page
    assert "192.0.2.7" in page
    assert "Yes, send me &lt;this&gt;." in page


def test_a_subscribers_page_shows_what_they_chose(editor: BrowserSession, world: World) -> None:
    chosen = ContentChoices((OptionalKind.CULTURE,), ("de", "en"), show_why=True)
    page = editor.get_page(f"/admin/subscribers/{world.subscriber(content=chosen).id}")
    for fact in ("<dd>culture</dd>", "<dd>Deutsch, English</dd>", "<dt>Shows why</dt><dd>yes</dd>"):
        assert fact in page
    page = editor.get_page(f"/admin/subscribers/{world.subscriber().id}")
    assert '<dd>none <span class="muted">default</span></dd>' in page
    assert '<dd>English <span class="muted">that of the digest</span></dd>' in page


def test_the_link_is_queued_as_a_letter_and_at_most_four_a_day(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    subscriber = world.subscriber()
    path = f"/admin/subscribers/{subscriber.id}"
    answers = [manager.follow(manager.post(f"{path}/link", form_page=path)) for _ in range(5)]
    assert "The link is being sent" in answers[0]
    assert "No mail was sent" in answers[4]
    with parts.db.read() as tx:
        assert [letter.kind for letter in letters.of_subscriber(tx, subscriber)] == ["link"] * 4


def test_a_manager_unsubscribes_a_subscriber_who_asked_for_it(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    subscriber = world.subscriber()
    path = f"/admin/subscribers/{subscriber.id}"
    assert "Only they can subscribe again" in manager.get_page(f"{path}/unsubscribe")
    manager.post(f"{path}/unsubscribe", form_page=f"{path}/unsubscribe")
    with parts.db.read() as tx:
        assert store.by_id(tx, subscriber.id).state == "unsubscribed"
    assert "is already unsubscribed" in manager.follow(manager.post(f"{path}/unsubscribe", form_page=path))


def test_erasing_is_confirmed_and_leaves_the_address_nowhere(
    admin: BrowserSession, world: World, parts: Parts
) -> None:
    subscriber = world.subscriber("forget.me@example.com")
    path = f"/admin/subscribers/{subscriber.id}"
    admin.post(f"{path}/link", form_page=path)
    assert "forget.me@example.com" in admin.get_page(f"{path}/erase")
    admin.post(f"{path}/erase", form_page=path)
    assert admin.get(path).status_code == 404
    assert "forget.me" not in admin.get_page("/admin/audit")
    with parts.db.read() as tx:
        assert suppressions.find_by_hash(tx, address_hash(parts.settings.secret_key, "forget.me@example.com"))


@pytest.mark.parametrize(
    "path", ["/admin/subscribers/99", "/admin/editions/99", "/admin/articles/99", "/admin/digests/99"]
)
def test_an_unknown_id_gives_an_error_page(manager: BrowserSession, path: str) -> None:
    answer = manager.get(path)
    assert answer.status_code == 404
    assert "There is no" in answer.text


def test_a_subscriber_is_paused_and_resumed_on_their_page_with_undo(
    manager: BrowserSession, editor: BrowserSession, world: World, parts: Parts
) -> None:
    reader = world.subscriber("nino@example.com", ["ge"])
    path = f"/admin/subscribers/{reader.id}"
    assert "Pause…" not in editor.get_page(path)
    pause = form_values(manager.get_page(path), "/admin/subscribers/choose") | {"action": "pause"}
    form = manager.post("/admin/subscribers/choose", pause, form_page=path).text
    assert "Pause 1 subscriber?" in form
    assert f'<a href="{path}">Cancel</a>' in form
    answer = manager.post("/admin/subscribers/change", form_values(form, "/admin/subscribers/change"))
    assert answer.location == path
    page = manager.follow(answer)
    assert "1 subscriber is paused." in page
    assert "paused until" in page
    assert ">Resume</button>" in page
    page = undo(manager, page)
    assert "1 subscriber is as before." in page
    assert "Pause…" in manager.get_page(path)
