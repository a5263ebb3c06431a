"""The main job, whole: an editor adds sources, readers join in a browser, each gets one digest of their regions.

Everything is real: HTTP feeds, Celery worker and beat, Redis, SQLite, SMTP, Chromium. The steps build on each other.
"""

import email.policy
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from digest.editions.pure.edition_spec import CUTOFF_MARGIN
from tests.journeys.conftest import Site
from tests.journeys.fake_publisher import HEADLINES, FakePublisher
from tests.smtp_sink import MailSink, ReceivedMail
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.long]
NEW_PASSWORD = "a new password for the editor"


@dataclass(frozen=True)
class Wanting:
    """A reader to be: where they live, what they tick, and which headlines that must bring."""

    email: str
    zone: str
    regions: tuple[str, ...]
    headlines: frozenset[str]


STEPPE, CAUCASUS, WORLD = (frozenset(HEADLINES[name]) for name in ("steppe", "caucasus", "world"))
IRAN = frozenset(title for title in WORLD if "Iran" in title)
ESTONIA = frozenset(title for title in WORLD if "Estonia" in title)
GEORGIA = frozenset(title for title in CAUCASUS if "Tbilisi" in title)

READERS = (
    Wanting("aigul@example.com", "Asia/Almaty", ("Central Asia",), STEPPE),
    Wanting("nino@example.com", "Asia/Tbilisi", ("South Caucasus", "Iran"), CAUCASUS | IRAN),
    Wanting("mart@example.com", "Europe/Tallinn", ("Estonia",), ESTONIA),
    Wanting("ana@example.com", "America/Los_Angeles", ("World",), STEPPE | CAUCASUS | WORLD),
    Wanting("kiri@example.com", "Pacific/Kiritimati", ("Central Asia", "Georgia"), STEPPE | GEORGIA),
)


@pytest.fixture(scope="module")
def newsroom(browser: Browser, site: Site) -> Iterator[Page]:
    """The editor's window, signed in, with a password of their own."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("E-mail").fill("admin@dateline.example")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Current password").fill(site.password)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label(re.compile("again", re.I)).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("link", name="Sources")).to_be_visible()
    yield page
    context.close()


def test_an_editor_adds_sources_by_address_and_by_opml(newsroom: Page, publisher: FakePublisher) -> None:
    newsroom.goto("/admin/sources")
    newsroom.get_by_label("Address of a news site or its feed").fill(publisher.url("steppe"))
    newsroom.get_by_role("button", name="Add", exact=True).click()
    expect(newsroom.get_by_role("status")).to_contain_text("The Steppe Post")

    outlines = "".join(
        f'<outline type="rss" xmlUrl="{publisher.url(name)}" text="{name}"/>'
        for name in ("caucasus", "world")
    )
    opml = f'<opml version="2.0"><head/><body>{outlines}</body></opml>'.encode()
    newsroom.locator("input[type=file]").set_input_files(
        {"name": "news.opml", "mimeType": "text/xml", "buffer": opml}
    )
    newsroom.get_by_role("button", name=re.compile("import", re.I)).click()
    expect(newsroom.get_by_role("status")).to_contain_text("2 sources were added")

    wait_until(
        lambda: {path for path, _ in publisher.requests} >= {"/steppe.xml", "/caucasus.xml", "/world.xml"},
        "polled",
    )


def test_a_source_without_a_feed_is_refused(newsroom: Page, publisher: FakePublisher) -> None:
    newsroom.goto("/admin/sources")
    newsroom.get_by_label("Address of a news site or its feed").fill(f"http://{publisher.host}/nothing-here")
    newsroom.get_by_role("button", name="Add", exact=True).click()
    expect(newsroom.get_by_role("alert")).to_contain_text("there is nothing at this address")


def test_the_articles_show_their_tags_and_why(newsroom: Page) -> None:
    def all_there() -> bool:
        newsroom.goto("/admin/articles")
        return newsroom.get_by_text("Estonia tests buses that charge at every stop").count() > 0

    wait_until(all_there, "the articles are taken in")
    newsroom.get_by_role("link", name="Almaty opens a new tram line to the mountains").first.click()
    expect(newsroom.get_by_role("main")).to_contain_text("Kazakhstan")
    expect(newsroom.get_by_role("main").locator("mark", has_text="Almaty").first).to_be_visible()
    time.sleep(CUTOFF_MARGIN.total_seconds() + 1)  # the cutoff of an edition lies that far back


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.email.partition("@")[0])
def test_a_reader_joins_by_the_form_and_confirms_from_the_letter(
    browser: Browser, site: Site, mail: MailSink, reader: Wanting
) -> None:
    context = browser.new_context(base_url=site.url, timezone_id=reader.zone)
    page = context.new_page()
    page.goto("/")
    for region in reader.regions:
        tick(page, region)
    page.get_by_label("Your time zone").focus()
    expect(page.get_by_label("Your time zone")).to_have_value(reader.zone)  # preset from the browser
    page.get_by_label("Time", exact=True).select_option(present_slot(reader.zone))
    page.get_by_label("Your e-mail address").fill(reader.email)
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your inbox")

    wait_until(lambda: bool(letters(mail, reader.email)), f"the letter to {reader.email}")
    page.goto(link_in(letters(mail, reader.email)[0], "/confirm/"))
    page.get_by_role("button", name="Yes, send me this digest").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome")
    context.close()


def test_each_reader_gets_one_digest_with_only_their_regions(mail: MailSink) -> None:
    wait_until(lambda: all(digests(mail, reader.email) for reader in READERS), "five digests")
    for reader in READERS:
        (message,) = digests(mail, reader.email)
        text, html = body(message, "plain"), body(message, "html")
        received_titles = {title for title in STEPPE | CAUCASUS | WORLD if title in " ".join(text.split())}
        assert received_titles == reader.headlines, reader.email
        assert all(title in html for title in reader.headlines)
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["To"] == reader.email


def test_a_second_run_sends_nothing(site: Site, mail: MailSink) -> None:
    before = len(mail.received)
    assert "with news: 0" in site.run("editions", "send", "--regions", "world", "--yes", status=2)
    assert "subscribers: 0, " in site.run("editions", "send", "--yes", status=2)
    assert len(mail.received) == before


def test_one_click_unsubscribes_and_the_others_go_on(
    site: Site, publisher: FakePublisher, mail: MailSink, newsroom: Page
) -> None:
    leaving, staying = READERS[0].email, READERS[4].email
    (message,) = digests(mail, leaving)
    url = message["List-Unsubscribe"].strip("<>")
    with urlopen(url) as answer:  # a scanner opens the link: nothing may happen
        assert answer.status == 200
    with urlopen(Request(url, data=b"List-Unsubscribe=One-Click", method="POST")) as answer:
        assert answer.status == 200

    publisher.titles["steppe"].append("Kazakhstan sends its apples abroad by train")
    newsroom.goto("/admin/sources")
    newsroom.get_by_role("row", name=re.compile("Steppe")).get_by_role(
        "button", name=re.compile("Fetch now")
    ).click()
    wait_until(lambda: re.search(r"with news: [12]", _reach(site)) is not None, "there is news")
    site.run("editions", "send", "--regions", "central-asia", "--yes")
    wait_until(lambda: len(digests(mail, staying)) == 2, "the second digest of those who stay")
    assert "Kazakhstan sends its apples abroad by train" in body(digests(mail, staying)[1], "plain")
    assert len(digests(mail, leaving)) == 1


def test_an_editor_previews_and_sends_a_test(newsroom: Page, mail: MailSink) -> None:
    newsroom.goto("/admin/preview?regions=south-caucasus")
    frame = newsroom.frame_locator("iframe").first
    expect(frame.get_by_role("heading", name="Tbilisi restores its oldest bath house")).to_be_visible()
    newsroom.get_by_label("Send as a test to").fill("editor@example.net")
    newsroom.get_by_role("button", name="Send test").click()
    wait_until(lambda: bool(digests(mail, "editor@example.net")), "the test")
    text = " ".join(body(digests(mail, "editor@example.net")[0], "plain").split())
    assert {title for title in STEPPE | CAUCASUS | WORLD if title in text} == CAUCASUS


def test_no_page_of_it_wrote_an_error_into_the_log(site: Site) -> None:
    assert "Traceback" not in site.log.read_text()


def tick(page: Page, region: str) -> None:
    """Tick a region as a reader does: search for it, then tick what is found."""
    page.get_by_label("Search for a region or country").fill(region)
    page.get_by_role("checkbox", name=re.compile(f"^{region}\\b")).and_(
        page.locator(":visible")
    ).first.check()
    page.get_by_label("Search for a region or country").fill("")


def present_slot(zone: str) -> str:
    """The quarter of an hour that it is in a zone."""
    now = datetime.now(UTC).astimezone(ZoneInfo(zone))
    return f"{now.hour:02d}:{now.minute - now.minute % 15:02d}"


def _reach(site: Site) -> str:
    return site.run(
        "editions", "send", "--regions", "central-asia", status=None
    )  # asks, if there is anything, and gets no answer


def letters(mail: MailSink, address: str) -> list[EmailMessage]:
    """The letters that an address got."""
    return [m for m in map(parsed, taken_by(mail, address)) if m["List-Id"] is None]


def digests(mail: MailSink, address: str) -> list[EmailMessage]:
    """The digests that an address got."""
    return [m for m in map(parsed, taken_by(mail, address)) if m["List-Id"] is not None]


def taken_by(mail: MailSink, address: str) -> list[ReceivedMail]:
    """The messages that the mail server took for an address."""
    return [taken for taken in mail.received if taken.recipient == address]


def parsed(taken: ReceivedMail) -> EmailMessage:
    """A message, parsed."""
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(taken.raw)


def body(message: EmailMessage, kind: str) -> str:
    """One part of a message, decoded."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def link_in(message: EmailMessage, path: str) -> str:
    """The first link in a letter to one of our pages."""
    found = re.search(rf"http\S+{path}\S+", body(message, "plain"))
    assert found, body(message, "plain")
    return found[0]
