"""The checklist for setting up: what is done, what is to do, and the records to copy."""

import re

import pytest
from flask import Flask

from digest.admin import setting_up
from digest.editions.states import EditionKind, EditionState
from digest.editions.store import editions
from digest.errors import UnavailableError
from digest.mail import dns_records
from digest.parts import Parts
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as


def badges(page: str) -> dict[str, str]:
    """The state of each step by its name."""
    found = re.findall(
        r'<li id="step-(\w+)">\s*<h2>.*?<span class="badge[^"]*">([^<]*)</span>', page, re.DOTALL
    )
    return dict(found)


def test_the_list_says_what_is_to_do_and_has_the_records(admin: BrowserSession) -> None:
    page = admin.get_page("/admin/setting-up")
    assert badges(page) == {
        "name": "to do",
        "site": "done",
        "address": "done",
        "server": "to do",
        "test": "to do",
        "spf": "not checked",
        "dkim": "to do",
        "dmarc": "not checked",
        "bounces": "to do",
        "sources": "to do",
        "reader": "to do",
        "backup": "to do",
    }
    assert "example.org TXT &#34;v=spf1 -all&#34;" in page
    assert "_dmarc.example.org TXT &#34;v=DMARC1; p=none; rua=mailto:postmaster@example.org&#34;" in page
    assert "2 of 12 steps are done." in page


def test_sources_readers_and_confirmed_backups_are_done(
    admin: BrowserSession, world: World, parts: Parts
) -> None:
    world.source()
    world.subscriber("ann@example.com")
    page = admin.follow(admin.post("/admin/setting-up/backups", {}, form_page="/admin/setting-up"))
    done = {name for name, state in badges(page).items() if state == "done"}
    assert done == {"site", "address", "sources", "reader", "backup"}
    assert "Backups are set up" not in page
    assert setting_up.BACKUPS_CONFIRMED in admin.get_page("/admin/audit")


@pytest.mark.parametrize(
    ("records", "state"),
    [
        (["v=spf1 a:mail.example.org -all", "v=DMARC1; p=none"], "done"),
        (["v=spf1 +all"], "to do"),
        ([], "to do"),
    ],
)
def test_a_check_asks_the_dns(
    admin: BrowserSession, monkeypatch: pytest.MonkeyPatch, records: list[str], state: str
) -> None:
    monkeypatch.setattr(dns_records, "text_records", lambda _name: records)
    found = badges(admin.get_page("/admin/setting-up?check=1"))
    assert (found["spf"], found["dmarc"]) == (state, state)


def test_a_dns_that_does_not_answer_is_said(admin: BrowserSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> list[str]:
        raise UnavailableError(f"{name} can't be looked up")

    monkeypatch.setattr(dns_records, "text_records", fail)
    page = admin.get_page("/admin/setting-up?check=1")
    assert "example.org can&#39;t be looked up" in page


def test_a_test_mail_needs_a_server(admin: BrowserSession, parts: Parts) -> None:
    with parts.db.begin() as tx:
        edition = editions.create_manual(
            tx, EditionKind.TEST, {}, note="", now=parts.clock(), cutoff=parts.clock()
        )
        edition.state = EditionState.SENT
    assert badges(admin.get_page("/admin/setting-up"))["test"] == "to do"


def test_only_admins_see_it(app: Flask) -> None:
    assert sign_in_as(app, "manager").get("/admin/setting-up").status_code == 403
