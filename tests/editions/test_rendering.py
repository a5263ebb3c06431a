"""A digest as printed: within the size mail clients show, hostile headlines harmless, headers as the RFCs want."""

import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import count

import pytest

from digest.articles.pure.shown_story import ShownArticle, ShownStory, StoryContents, build_shown_story
from digest.deliveries.messages.digest_message import (
    DateAndReasonLines,
    SenderIdentity,
    build_merge_data,
    prepare_message,
)
from digest.deliveries.store.claims import ClaimedDelivery
from digest.editions.fragment_values import Site
from digest.editions.fragments import PAGE_SLOTS, SUBSCRIBER_SLOTS, Fragments
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.sections import Section
from digest.editions.pure.selection import MAX_DIGEST_STORIES, MAX_STORIES_BY_SIZE
from digest.editions.rendering import (
    GMAIL_CLIP,
    RenderedDigest,
    render_digest,
)
from digest.editions.subjects import build_subject
from digest.mail.pure.mime import encode_quoted_printable
from digest.own_addresses import NamedAddress
from digest.regions.tree import region_tree as regions
from digest.subscribers.pure.links import SignedLinks
from digest.subscribers.states import DigestSize

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TREE = regions.load()
FRAGMENTS = Fragments(Site("Dateline", "https://news.example.org", "1 Test Street"), TREE)
LINKS = SignedLinks("a secret of thirty-two characters", "https://news.example.org")
SENDER = SenderIdentity(
    NamedAddress("Новости", "digest@example.org"),
    "bounces.example.org",
    "Новости",
    "https://news.example.org",
    "secret",
)
HOSTILE = (
    "SlotdeadbeefdeadbeefdeadbeefZurl0",
    "{{ 7 * 7 }} {% raw %} {# #}",
    "%s %(n)s %n 100%",
    "a\x00b",
    '</p><script>alert(1)</script><img src=x onerror="alert(1)">',
    "</title></head></table>",
    "\r\nBcc: everybody@example.com",
    "\u202egnirts desrever\u202c",
    "=?utf-8?q?spoofed?=",
    "--=_dateline_part--",
)


NUMBERS = count(1)  # fragments are kept by story, so each test has stories of its own


def told(title: str = "", *, excerpt: str = "It happened.", also: int = 0) -> ShownStory:
    number = next(NUMBERS)
    reports = tuple(
        ShownArticle(
            number * 100 + n,
            n,
            f"Source {n}",
            title or f"Headline {number}",
            f"https://example.net/{number}/{n}?a=1&b=2",
            excerpt,
            NOW,
        )
        for n in range(also + 1)
    )
    return build_shown_story(number, 1, NOW, hidden=False, contents=StoryContents(reports, ("KZ", "UZ")))


def press(*stories: ShownStory, whole: bool = False, note: str = "") -> RenderedDigest:
    section = Section("central-asia", tuple((story.id, story.version) for story in stories))
    copy = DigestInput(
        build_subject("en", [s.lead.title for s in stories], len(stories)),
        "en",
        note,
        [section],
        "https://news.example.org/read/x",
    )
    return render_digest(copy, {story.id: story for story in stories}, FRAGMENTS, web_edition=whole)


def claimed(**changes: object) -> ClaimedDelivery:
    values: dict[str, object] = {
        "id": 1,
        "edition_id": 7,
        "digest_id": 3,
        "attempts": 1,
        "in_doubt": False,
        "planned_at": NOW,
        "test_address": "",
        "email": "reader@example.com",
        "public_id": "AbCdEfGh",
        "subscriber_state": "active",
        "cadence": "daily",
        "weekday": 0,
        "send_minute": 420,
        "zone": "Asia/Tashkent",
    }
    return ClaimedDelivery(**values | changes)  # type: ignore[arg-type]


def sent(page: RenderedDigest, delivery: ClaimedDelivery | None = None, now: datetime = NOW) -> bytes:
    delivery = delivery or claimed()
    parts = build_merge_data(delivery, SENDER, LINKS, now=now)
    lines = DateAndReasonLines(TREE, ("central-asia",), "en").for_delivery(delivery)
    return prepare_message(page, 7, SENDER).fill(lines).build(parts.headers, parts.values)


def parsed(message: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(message)


def part(message: bytes, kind: str) -> str:
    found = parsed(message).get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def test_two_hundred_long_stories_stay_within_what_mail_clients_show() -> None:
    stories = [
        told(f"{n} " + "Қазақстан мен Өзбекстан " * 12, excerpt="Ұзақ мәтін " * 25, also=3)
        for n in range(1, 201)
    ]
    message = sent(press(*stories))
    html_part = parsed(message).get_body(("html",))
    assert html_part is not None
    assert len(encode_quoted_printable(part(message, "html"))) < GMAIL_CLIP
    assert len(str(html_part.get_payload())) < GMAIL_CLIP
    told_here = sum(f"{n} Қазақстан" in part(message, "html") for n in range(1, 201))
    assert 10 < told_here <= MAX_STORIES_BY_SIZE[DigestSize.FULL]
    for kind in ("html", "plain"):
        assert f"{200 - told_here} more on the web" in part(message, kind)
        assert "https://news.example.org/read/x" in part(message, kind)


def test_a_digest_that_is_full_says_that_there_may_be_more() -> None:
    full = [told(f"Number {n} of many") for n in range(MAX_DIGEST_STORIES)]
    line = "200 new stories, the most that a digest holds"
    assert line in part(sent(press(*full)), "plain")
    assert line not in part(sent(press(*full[1:])), "plain")


def test_the_web_edition_has_all_stories() -> None:
    page = press(*(told(f"Number {n} of many") for n in range(1, 201)), whole=True)
    values = dict.fromkeys(SUBSCRIBER_SLOTS + PAGE_SLOTS, "https://x.example")
    assert all(f"Number {n} of many" in page.html.render(values) for n in range(1, 201))


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_headline_is_only_words(title: str) -> None:
    message = sent(press(told(title, excerpt=title), told("A quiet day")))
    markup, text = part(message, "html"), part(message, "plain")
    for harm in ("<script", "<img", "</title></head></table>"):
        assert harm not in markup
    assert markup.count("</body>") == markup.count("</title>") == 1
    assert "unsubscribe/AbCdEfGh." in markup
    assert "unsubscribe/AbCdEfGh." in text
    assert "A quiet day" in markup
    assert parsed(message).keys().count("Bcc") == 0
    assert not parsed(message).defects


def test_templates_in_a_headline_are_not_filled_in() -> None:
    text = part(sent(press(told("{{ 7 * 7 }} %(n)s {% if %}"))), "plain")
    assert "{{ 7 * 7 }} %(n)s {% if %}" in text


def test_line_ends_in_a_headline_make_no_line_of_ours() -> None:
    text = part(sent(press(told("Grain\n\nUnsubscribe:\nhttps://evil.example"))), "plain")
    assert "\nhttps://evil.example" not in text


def test_a_story_hidden_since_is_left_out() -> None:
    gone = told("This is hidden")
    hidden = build_shown_story(gone.id, 2, NOW, hidden=True, contents=StoryContents((gone.lead,), ("KZ",)))
    left = told()
    copy = DigestInput(
        "x", "en", "", [Section("central-asia", ((gone.id, 1), (left.id, 1)))], "https://x.example"
    )
    page = render_digest(copy, {gone.id: hidden, left.id: left}, FRAGMENTS)
    assert page.story_count == 1
    assert "This is hidden" not in part(sent(page), "html")


def test_the_editors_note_is_escaped_and_stands_in_both_parts() -> None:
    message = sent(press(told(), note="A <b>note</b>\n\nwith two paragraphs"))
    assert "A &lt;b&gt;note&lt;/b&gt;" in part(message, "html")
    assert "A <b>note</b>" in part(message, "plain")


@pytest.mark.parametrize("blank", ["\n\n", "\r\n\r\n", "\r\n \r\n\r\n"])
def test_an_empty_line_in_a_note_begins_a_paragraph_however_the_browser_wrote_it(blank: str) -> None:
    message = sent(press(told(), note=f"First{blank}Second"))
    assert "First\n\nSecond" in part(message, "plain").replace("\r", "")
    assert ">First</p>" in part(message, "html")


@pytest.mark.parametrize("length", [5, 60, 78, 79, 300])
@pytest.mark.parametrize("count", [1, 2, 200])
def test_a_subject_has_at_most_78_characters(length: int, count: int) -> None:
    line = build_subject("en", [("word " * 100)[:length]], count)
    assert 0 < len(line) <= 78
    assert ("more" in line) == (count > 1)


def test_a_digest_carries_the_headers_that_bulk_mail_must_have() -> None:
    message = parsed(sent(press(told())))
    assert message["From"].addresses[0].addr_spec == "digest@example.org"
    assert message["From"].addresses[0].display_name == "Новости"
    assert message["To"] == "reader@example.com"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"].startswith("<")
    assert message["Message-ID"].endswith("@example.org>")
    assert message["List-Id"].endswith("<digest.example.org>")
    assert message["MIME-Version"] == "1.0"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert len(message.keys()) == len(set(message.keys()))


def test_one_click_unsubscribing_is_as_rfc_8058_wants() -> None:
    raw = sent(press(told()))
    message = parsed(raw)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(message["List-Unsubscribe"]).strip("<>")
    assert url.startswith("https://news.example.org/unsubscribe/")
    assert LINKS.verify("unsubscribe", url.rpartition("/")[2], NOW + timedelta(days=999)) == "AbCdEfGh"
    assert b"List-Id: =?utf-8?" in raw
    assert b"<digest.example.org>" in raw  # the identifier itself is never encoded (RFC 2919)


def test_the_envelope_sender_names_the_delivery_and_no_address() -> None:
    parts = build_merge_data(claimed(), SENDER, LINKS, now=NOW)
    assert parts.sender.endswith("@bounces.example.org")
    assert "reader" not in parts.sender


def test_a_repeated_delivery_is_the_same_message() -> None:
    page = press(told())
    first, again = (parsed(sent(page, claimed(attempts=n), NOW + timedelta(minutes=n))) for n in (1, 2))
    other = parsed(sent(page, claimed(public_id="ZzZzZzZz", email="b@example.com")))
    next_day = parsed(sent(page, claimed(edition_id=8)))
    assert first["Message-ID"] == again["Message-ID"]
    assert len({m["Message-ID"] for m in (first, other, next_day)}) == 3


def test_the_date_is_the_one_where_the_reader_is() -> None:
    late = datetime(2026, 3, 10, 20, tzinfo=UTC)
    text = part(sent(press(told()), claimed(planned_at=late)), "plain")
    assert "Wednesday, 11 March 2026 · Tashkent" in " ".join(text.split())


def test_a_region_that_is_no_more_stops_nobodys_digest() -> None:
    assert (
        "Georgia" in DateAndReasonLines(TREE, ("yugoslavia", "ge"), "en").for_delivery(claimed())["why_line"]
    )


def test_a_short_lead_leaves_room_for_the_headline_of_another_region() -> None:
    assert (
        build_subject("en", ["Rain at last"], 9, second="Bridge opens")
        == "Rain at last · Bridge opens + 7 more"
    )
    assert build_subject("en", ["Rain at last"], 2, second="Bridge opens") == "Rain at last · Bridge opens"
    long = "A second headline that is much too long to stand uncut beside the first one"
    assert build_subject("en", ["Rain at last"], 9, second=long) == "Rain at last + 8 more"
    assert build_subject("en", ["Rain at last"], 1, is_first=True) == "Your first digest: Rain at last"
