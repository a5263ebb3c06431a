"""Managers change what a subscriber gets, and add one: with the form that readers have."""

from typing import Any

from sqlalchemy import select

from digest.accounts.models import AuditEntry
from digest.parts import Parts
from digest.subscribers.pure.content_choices import ContentChoices
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import Cadence, DigestSize, OptionalKind
from digest.subscribers.store import subscribers as store
from tests.admin.test_undo import undo
from tests.builders import World
from tests.web.browser_session import BrowserSession

CHOICES = {
    "regions": ["kz", "uz"], "order": ["uz", "kz"], "content": "1", "kinds": ["sport"], "languages_read": ["de"],
    "show_why": "yes", "cadence": "weekly", "weekday": "3", "time": "18:15", "zone": "Asia/Tashkent",
    "size": "brief", "language": "ru",
}  # fmt: skip
CHOSEN = Subscription(
    ("uz", "kz"), "ru", Cadence.WEEKLY, 3, 18 * 60 + 15, "Asia/Tashkent", DigestSize.BRIEF,
    ContentChoices((OptionalKind.SPORT,), ("de",), show_why=True),
)  # fmt: skip


def subscription_of(parts: Parts, subscriber_id: int) -> Subscription:
    with parts.db.read() as tx:
        return store.subscription_of(store.by_id(tx, subscriber_id))


def last_entry(parts: Parts, action: str) -> Any:
    """The latest entry of the audit trail with this action."""
    with parts.db.read() as tx:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc())
        return tx.scalars(query.limit(1)).one()


def test_all_that_a_reader_can_choose_is_changed_recorded_and_undone(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    kept = ContentChoices((OptionalKind.CULTURE,), ("en", "fr"), show_why=True)
    row = world.subscriber("nino@example.com", ["ge", "az"], content=kept)
    before, path = subscription_of(parts, row.id), f"/admin/subscribers/{row.id}/choices"
    form = manager.get_page(path)
    assert 'name="order" value="ge"' in form
    assert 'value="culture" checked' in form
    page = manager.follow(manager.post(path, CHOICES, form_page=path))
    assert "Saved." in page
    assert subscription_of(parts, row.id) == CHOSEN
    entry = last_entry(parts, "subscriber changed")
    assert (entry.before["regions"], entry.after["regions"]) == (["ge", "az"], ["uz", "kz"])
    assert (entry.before["time"], entry.after["time"]) == ("07:00", "18:15")
    assert "nino" not in f"{entry.before} {entry.after} {entry.target}"
    undo(manager, page)
    assert subscription_of(parts, row.id) == before


def test_the_defaults_of_content_come_back_by_undo(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    row = world.subscriber()
    before, path = subscription_of(parts, row.id), f"/admin/subscribers/{row.id}/choices"
    undo(manager, manager.follow(manager.post(path, CHOICES, form_page=path)))
    assert subscription_of(parts, row.id) == before


def test_searching_and_moving_regions_saves_nothing(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    row = world.subscriber()
    before, path = subscription_of(parts, row.id), f"/admin/subscribers/{row.id}/choices"
    found = manager.post(path, CHOICES | {"find": "1", "query": "Holland"}, form_page=path).text
    assert 'value="nl"' in found
    assert 'name="regions" value="uz"' in found
    moved = manager.post(path, CHOICES | {"move": "up kz"}, form_page=path).text
    assert moved.index('name="order" value="kz"') < moved.index('name="order" value="uz"')
    assert subscription_of(parts, row.id) == before


def test_the_same_choices_are_no_change(manager: BrowserSession, world: World) -> None:
    path = f"/admin/subscribers/{world.subscriber().id}/choices"
    manager.post(path, CHOICES, form_page=path)
    page = manager.follow(manager.post(path, CHOICES, form_page=path))
    assert "Nothing was changed" in page
    assert 'class="undo"' not in page


def test_who_has_not_confirmed_gets_what_the_letter_names(manager: BrowserSession, world: World) -> None:
    path = f"/admin/subscribers/{world.subscriber(state='pending').id}/choices"
    assert "Not confirmed yet" in manager.get_page(path)
    assert "Send them the link again" in manager.follow(manager.post(path, CHOICES, form_page=path))


def test_editors_see_no_button_to_change_a_subscriber(editor: BrowserSession, world: World) -> None:
    path = f"/admin/subscribers/{world.subscriber().id}"
    assert f"{path}/choices" not in editor.get_page(path)
    assert editor.get(f"{path}/choices").status_code == 403
