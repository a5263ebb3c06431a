"""The preview: what it shows, what it may do, and sending it as a test."""

import email
import email.policy
from datetime import timedelta

from digest.deliveries import sending
from digest.editions import store as editions
from digest.mail import outbox
from digest.parts import Parts
from tests.people import World
from tests.web.newsroom import Desk, slot_of

CARAVAN = "A caravan of a hundred camels reached the market"


def test_the_mail_is_a_page_of_its_own_that_may_do_nothing(editor: Desk, world: World) -> None:
    world.article(CARAVAN)
    answer = editor.get("/admin/preview/mail.html?regions=central-asia")
    policy = answer.headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src https:",
        "frame-ancestors 'self'",
        "sandbox",
    ):
        assert part in policy.replace("; ", ";").split(";")
    assert CARAVAN in answer.text
    page = editor.get("/admin/preview?regions=central-asia")
    assert " sandbox></iframe>" in page.text
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]


def test_the_preview_shows_subject_size_and_all_forms(editor: Desk, world: World) -> None:
    world.article(CARAVAN)
    page = editor.page("/admin/preview?regions=central-asia&size=phone")
    assert f'<h2 id="mail-subject">{CARAVAN}</h2>' in page
    assert "preview-frame phone" in page
    assert CARAVAN in editor.page("/admin/preview?regions=central-asia&size=text")
    assert CARAVAN in editor.page("/admin/preview/mail.txt?regions=central-asia")
    raw = editor.get("/admin/preview/mail.eml?regions=central-asia").data
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"] == CARAVAN
    assert message.get_content_type() == "multipart/alternative"


def test_the_window_is_as_long_as_asked(editor: Desk, world: World) -> None:
    world.article(CARAVAN, age=30)
    assert "Nothing new" in editor.page("/admin/preview?regions=central-asia")
    assert CARAVAN in editor.page("/admin/preview?regions=central-asia&hours=48")
    assert editor.get("/admin/preview?regions=central-asia&hours=a%20lot").status_code == 400


def test_a_readers_preview_is_what_they_get_next_and_its_links_are_not_theirs(
    editor: Desk, world: World, parts: Parts
) -> None:
    world.article("Seen before the last digest of this reader", age=5)
    world.article("Seen after the last digest of this reader", age=1)
    reader = world.reader(
        "nino@example.com", last_cutoff=world.clock() - timedelta(hours=2), zone="Asia/Tbilisi"
    )
    found = editor.page("/admin/preview?address=NINO")
    assert f'href="/admin/preview?reader={reader.id}"' in found
    mail = editor.page(f"/admin/preview/mail.html?reader={reader.id}")
    assert "Seen after" in mail
    assert "Seen before" not in mail
    assert "Tbilisi" in mail
    assert reader.public_id not in mail


def test_a_test_is_what_was_shown_and_goes_out_once(editor: Desk, world: World, parts: Parts) -> None:
    world.article(CARAVAN, age=30)
    slot = slot_of(editor.page("/admin/preview?regions=central-asia&hours=48"))
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
    while sending.send_chunk(parts.db, parts.post):
        pass
    (mail,) = outbox.listing(parts.settings.outbox)
    assert mail.to == "me@example.org"
    assert mail.subject == CARAVAN
    assert "Look:" in mail.text
    with parts.db.read() as tx:
        assert editions.listing(tx)[1] == 1


def test_an_address_that_is_none_gets_no_test(editor: Desk, world: World) -> None:
    world.article(CARAVAN)
    form = {"regions": ["central-asia"], "to": "nobody", "slot": "a"}
    answer = editor.post("/admin/preview/test", form, on="/admin/preview")
    assert "is not an e-mail address" in editor.follow(answer)


def test_a_region_that_is_none_is_a_page_that_says_so(editor: Desk) -> None:
    answer = editor.get("/admin/preview?regions=narnia")
    assert answer.status_code == 404
    assert "narnia" in answer.text
