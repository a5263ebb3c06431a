"""The preview: its content, its security policy, and sending it as a test."""

import email
import email.policy
import re
from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from digest.deliveries.sending import delivery_sender
from digest.editions.store import editions, scheduled
from digest.mail import outbox
from digest.parts import Parts
from digest.subscribers.pure.content_choices import ContentChoices
from digest.subscribers.states import OptionalKind
from digest.subscribers.store import subscribers
from tests.builders import World
from tests.web.browser_session import BrowserSession, page_slot

CARAVAN = "A caravan of a hundred camels reached the market"


def test_the_mail_is_a_page_of_its_own_that_may_do_nothing(editor: BrowserSession, world: World) -> None:
    world.article(CARAVAN)
    answer = editor.get("/admin/preview/mail.html?regions=central-asia")
    policy = answer.headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src 'self' https:",
        "frame-ancestors 'self'",
        "sandbox",
    ):
        assert part in policy.replace("; ", ";").split(";")
    assert CARAVAN in answer.text
    page = editor.get("/admin/preview?regions=central-asia")
    assert " sandbox></iframe>" in page.text
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]


def test_the_preview_shows_subject_size_and_all_forms(editor: BrowserSession, world: World) -> None:
    world.article(CARAVAN)
    page = editor.get_page("/admin/preview?regions=central-asia&size=phone")
    assert f'<h2 id="mail-subject">{CARAVAN}</h2>' in page
    assert "preview-frame phone" in page
    assert CARAVAN in editor.get_page("/admin/preview?regions=central-asia&size=text")
    assert CARAVAN in editor.get_page("/admin/preview/mail.txt?regions=central-asia")
    raw = editor.get("/admin/preview/mail.eml?regions=central-asia").data
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"] == CARAVAN
    assert message.get_content_type() == "multipart/alternative"


def test_the_window_is_as_long_as_asked(editor: BrowserSession, world: World) -> None:
    world.article(CARAVAN, age=30)
    assert "No new stories" in editor.get_page("/admin/preview?regions=central-asia")
    assert CARAVAN in editor.get_page("/admin/preview?regions=central-asia&hours=48")
    for hours in ("a%20lot", "169", "9" * 5000):
        assert editor.get(f"/admin/preview?regions=central-asia&hours={hours}").status_code == 400


def test_a_readers_preview_is_what_they_get_next_and_its_links_are_not_theirs(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("Seen before the last digest of this subscriber", age=5)
    world.article("Seen after the last digest of this subscriber", age=1)
    subscriber = world.subscriber(
        "nino@example.com", last_cutoff=world.clock() - timedelta(hours=2), zone="Asia/Tbilisi"
    )
    found = editor.get_page("/admin/preview?address=NINO")
    assert f'href="/admin/preview?reader={subscriber.id}"' in found
    mail = editor.get_page(f"/admin/preview/mail.html?reader={subscriber.id}")
    assert "Seen after" in mail
    assert "Seen before" not in mail
    assert "Tbilisi" in mail
    assert subscriber.public_id not in mail


def test_a_test_is_what_was_shown_and_goes_out_once(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(CARAVAN, age=30)
    slot = page_slot(editor.get_page("/admin/preview?regions=central-asia&hours=48"))
    form = {
        "regions": ["central-asia"],
        "minutes": "2880",
        "to": "me@example.org",
        "slot": slot,
        "note": "Look:",
    }
    first = editor.post("/admin/preview/test", form)
    second = editor.post("/admin/preview/test", form)
    assert first.location == second.location
    while delivery_sender.send_due(parts.db, parts.sending).claimed:
        pass
    (mail,) = outbox.listing(parts.settings.outbox)
    assert mail.to == "me@example.org"
    assert mail.subject == CARAVAN
    assert "Look:" in mail.text
    with parts.db.read() as tx:
        assert editions.listing(tx)[1] == 1


def test_a_preview_has_the_chosen_order_and_language_and_its_test_has_them_too(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article("A bridge over the Syr Darya is open again", ["KZ"])
    world.article("A vineyard above Telavi reopens its cellar", ["GE"])
    query = "regions=kz&regions=ge&order=ge&order=kz&language=ru&content=1&kinds=sport&languages_read=en"
    mail = editor.get_page(f"/admin/preview/mail.html?{query}")
    assert mail.index("A vineyard") < mail.index("A bridge")
    assert 'lang="ru"' in mail
    page = editor.get_page(f"/admin/preview?{query}&show_why=yes")
    form = page.split('class="test"')[1].split("</form>")[0]
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    values = MultiDict((name, value) for name, value in fields if name not in ("csrf_token", "note"))
    assert (values.getlist("regions"), values["language"]) == (["ge", "kz"], "ru")
    editor.post("/admin/preview/test", dict(values.lists()))
    with parts.db.read() as tx:
        (edition,), _ = editions.listing(tx)
        (digest,) = editions.digests_of(tx, edition.id)
        preferences = subscribers.preferences_by_key(tx, [digest.preferences_key])[digest.preferences_key]
    assert [section.region for section in digest.sections] == ["ge", "kz"]
    assert (preferences.regions, preferences.language) == (["ge", "kz"], "ru")
    assert preferences.content == ContentChoices((OptionalKind.SPORT,), ("en",), show_why=True)


def test_a_region_is_moved_in_the_preview(editor: BrowserSession, world: World) -> None:
    world.article("A bridge over the Syr Darya is open again", ["KZ"])
    world.article("A vineyard above Telavi reopens its cellar", ["GE"])
    page = editor.get_page("/admin/preview?regions=kz&regions=ge&order=kz&order=ge&move=up+ge&size=text")
    assert page.index("A vineyard") < page.index("A bridge")


@pytest.mark.parametrize("choice", ["kinds=chess", "languages_read=xx", "show_why=perhaps"])
def test_a_wrong_choice_is_named(editor: BrowserSession, choice: str) -> None:
    answer = editor.get(f"/admin/preview?regions=kz&content=1&{choice}")
    assert answer.status_code == 400
    assert choice.split("=")[1] in answer.text


def test_an_invalid_address_gets_no_test(editor: BrowserSession, world: World) -> None:
    world.article(CARAVAN)
    form = {"regions": ["central-asia"], "to": "nobody", "slot": "a"}
    answer = editor.post("/admin/preview/test", form, form_page="/admin/preview")
    assert "is not an e-mail address" in editor.page_after(answer)


def test_an_unknown_language_gets_no_test(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.article(CARAVAN)
    form = {"regions": ["central-asia"], "to": "me@example.org", "slot": "a", "language": "../../etc"}
    answer = editor.post("/admin/preview/test", form, form_page="/admin/preview")
    assert "There is no digest in the language &#34;../../etc&#34;. There are: en, ru, " in editor.page_after(
        answer
    )
    with parts.db.read() as tx:
        assert editions.listing(tx)[1] == 0


def test_a_form_names_no_edition_but_its_own(editor: BrowserSession, world: World, parts: Parts) -> None:
    world.article(CARAVAN)
    now = parts.clock()
    names = ("2026-03-10T12:00Z", editions.SAMPLE_SLOT)
    for slot in names:
        form = {"regions": ["central-asia"], "to": "me@example.org", "slot": slot}
        assert editor.post("/admin/preview/test", form).status_code == 302
    with parts.db.begin() as tx:
        assert editions.sample_digest(tx) is None
        assert scheduled.get_or_create_scheduled(tx, now, cutoff=now, now=now).kind == "scheduled"
        assert editions.listing(tx)[1] == len(names) + 1


@pytest.mark.parametrize("number", ["0", "-1", "a lot", "2147483648", "9" * 5000])
@pytest.mark.parametrize(
    "path",
    [
        "/admin/feedback?page=",
        "/admin/articles?source=",
        "/admin/audit?page=",
        "/admin/preview?reader=",
    ],
)
def test_a_number_out_of_bounds_is_an_error(admin: BrowserSession, path: str, number: str) -> None:
    answer = admin.get(path + number)
    assert answer.status_code == 400
    assert "whole number from" in answer.text


@pytest.mark.parametrize("number", ["2147483648", "9" * 30, "9" * 5000])
def test_a_url_with_a_number_too_large_for_an_id_is_not_found(admin: BrowserSession, number: str) -> None:
    for path in ("sources", "articles", "editions", "subscribers", "digests"):
        assert admin.get(f"/admin/{path}/{number}").status_code == 404
    assert admin.get("/admin/editions/2147483647").status_code == 404


def test_a_test_of_more_minutes_than_there_are_is_refused(editor: BrowserSession, world: World) -> None:
    world.article(CARAVAN)
    form = {"regions": ["central-asia"], "to": "me@example.org", "slot": "a", "minutes": "9" * 30}
    answer = editor.post("/admin/preview/test", form, form_page="/admin/preview")
    assert "whole number from" in editor.page_after(answer)


def test_an_unknown_region_gives_an_error_page(editor: BrowserSession) -> None:
    answer = editor.get("/admin/preview?regions=narnia")
    assert answer.status_code == 404
    assert "narnia" in answer.text
