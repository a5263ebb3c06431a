"""The headers of whole digests and of their envelopes, made from settings that are written in unusual ways."""

import re
from pathlib import Path

import pytest

from digest.app import build_parts
from digest.deliveries.messages.digest_message import SenderIdentity, prepare_message
from digest.mail.pure.slotted_text import Slot
from digest.settings import Settings
from tests.editions.sample_digest import NOW, make_story, parse_message, render_stories

DOMAIN = "xn--b1agj9af.example"
LONG_NAME = "Вечерние известия верховьев Сырдарьи, Таласской долины и северных склонов Тянь-Шаня"


def sender_from(tmp_path: Path, **environment: str) -> tuple[SenderIdentity, str]:
    """The sender that an application with these settings has, and a link to unsubscribe."""
    parts = build_parts(Settings.from_env({"DATELINE_VAR": str(tmp_path)} | environment))
    return parts.sender, parts.links.url("unsubscribe", "AbCdEfGh", NOW)


def build_message(sender: SenderIdentity, link: str, title: str = "Rain at last") -> bytes:
    page = render_stories([make_story(title)])
    slots = {part.name: "x" for part in (*page.text.parts, *page.html.parts) if isinstance(part, Slot)}
    headers = [
        ("To", "reader@example.com"),
        ("List-Unsubscribe", sender.list_unsubscribe(link, "AbCdEfGh")),
    ]
    return prepare_message(page, 7, sender).build(headers, slots)


@pytest.mark.parametrize(
    "name", ["Steppe, River & Co.", "a@b", 'Say "no', "День; Ночь", LONG_NAME, "Foo <Bar>"]
)
def test_from_envelope_and_list_id_have_the_address_of_the_setting(tmp_path: Path, name: str) -> None:
    sender, link = sender_from(tmp_path, MAIL_FROM=f"{name} <post@вести.example>", SITE_NAME=name)
    message = parse_message(build_message(sender, link))
    mailbox = message["From"].addresses[0]
    assert (" ".join(mailbox.display_name.split()), mailbox.addr_spec) == (name, f"post@{DOMAIN}")
    assert sender.return_path("b-1") == f"post@{DOMAIN}"
    assert str(message["List-Id"]).endswith(f"<digest.{DOMAIN}>")


def test_all_lines_and_encoded_words_of_long_names_and_titles_are_short(tmp_path: Path) -> None:
    sender, link = sender_from(tmp_path, MAIL_FROM=f"{LONG_NAME} <post@example.org>", SITE_NAME=LONG_NAME)
    head = build_message(sender, link, f"{LONG_NAME} 👨‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿").partition(b"\r\n\r\n")[0]
    fields = re.findall(rb"(?s)\b((?:From|Subject|List-Id): .*?)\r\n(?=[^ ])", head)
    assert len(fields) == 3
    for field in fields:
        assert b"=?utf-8?" in field
        assert all(len(word) <= 75 for word in re.findall(rb"=\?\S*?\?[bq]\?\S*?\?=", field))
        assert all(len(line) <= 76 for line in field.split(b"\r\n"))


def test_links_in_headers_are_plain_ascii_when_the_site_has_an_international_name(tmp_path: Path) -> None:
    sender, link = sender_from(
        tmp_path,
        BASE_URL="https://вести.example/",
        RETURN_PATH_DOMAIN="вести.example",
        FEEDBACK_MAILBOX="pipe:",
    )
    message = build_message(sender, link)
    unsubscribe = re.search(rb"\r\nList-Unsubscribe: ((?:.|\r\n )*)\r\n", message)
    assert unsubscribe
    assert unsubscribe[1].startswith(f"<https://{DOMAIN}/unsubscribe/AbCdEfGh.".encode())
    assert re.search(rf"<mailto:u-[a-z0-9-]+@{DOMAIN}\?subject=unsubscribe>$".encode(), unsubscribe[1])
    assert f"\r\nList-Help: <https://{DOMAIN}>\r\n".encode() in message


def test_a_headline_that_begins_with_from_is_encoded_in_the_text(tmp_path: Path) -> None:
    message = build_message(*sender_from(tmp_path), "From Bishkek to Almaty by train")
    assert b"\r\n=46rom Bishkek to Almaty by train\r\n" in message
    assert b"\r\nFrom " not in message
    body = parse_message(message).get_body(("plain",))
    assert body is not None
    assert "\nFrom Bishkek to Almaty by train\n" in str(body.get_content()).replace("\r\n", "\n")


def test_answers_go_to_the_mailbox_that_somebody_reads(tmp_path: Path) -> None:
    sender, link = sender_from(tmp_path, REPLY_TO="Die Redaktion, Süd <leser@вести.example>")
    (mailbox,) = parse_message(build_message(sender, link))["Reply-To"].addresses
    assert (mailbox.display_name, mailbox.addr_spec) == ("Die Redaktion, Süd", f"leser@{DOMAIN}")
    sender, link = sender_from(tmp_path)
    assert parse_message(build_message(sender, link))["Reply-To"] is None
