"""A digest as the tests of mails need it: stories with defaults, printed and sent by the real path."""

import email.policy
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import count

from digest.articles.pure.shown_story import ShownArticle, ShownStory, StoryContents, build_shown_story
from digest.deliveries.messages.digest_message import (
    DateAndReasonLines,
    SenderIdentity,
    build_merge_data,
    prepare_message,
)
from digest.deliveries.store.claims import ClaimedDelivery
from digest.editions.fragment_values import Site
from digest.editions.fragments import Fragments
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.sections import Section
from digest.editions.rendering import RenderedDigest, render_digest
from digest.editions.subjects import build_subject
from digest.own_addresses import NamedAddress
from digest.regions.tree import region_tree as regions
from digest.subscribers.pure.links import SignedLinks
from digest.subscribers.states import Cadence, SubscriberState

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TREE = regions.load()
SITE = "https://news.example.org"
FRAGMENTS = Fragments(Site("Dateline", SITE, "1 Test Street, Testville"), TREE)
LINKS = SignedLinks("a secret of thirty-two characters", SITE)
SENDER = SenderIdentity(
    NamedAddress("Dateline", "digest@example.org"), "bounces.example.org", "Dateline", SITE, "secret"
)
FRAGMENTS_WITH_PICTURES = Fragments(Site("Dateline", SITE, "1 Test Street, Testville"), TREE, pictures=True)
STORY_IDS = count(500_000)  # fragments are kept by story, so each has a number of its own


def make_story(
    title: str = "",
    *,
    excerpt: str = "It happened on Tuesday, and more is to come.",
    url: str = "",
    source: str = "Source",
    language: str = "",
    countries: Sequence[str] = ("KZ", "UZ"),
    also: int = 0,
    image: str = "",
    size: tuple[int | None, int | None] = (None, None),
) -> ShownStory:
    """A story of one source and `also` others."""
    number = next(STORY_IDS)
    reports = tuple(
        ShownArticle(
            number * 10 + n,
            n,
            f"{source} {n}" if source else "",
            title or f"Headline {number}",
            url if url and n == 0 else f"https://example.net/{number}/{n}?a=1&b=2",
            excerpt,
            NOW - timedelta(hours=3),
            language,
            image,
            *size,
        )
        for n in range(also + 1)
    )
    return build_shown_story(
        number, 1, NOW - timedelta(hours=2), hidden=False, contents=StoryContents(reports, tuple(countries))
    )


def render_stories(
    stories: Sequence[ShownStory],
    language: str = "en",
    *,
    zone: str = "Asia/Tashkent",
    note: str = "",
    max_stories: int = 40,
    fragments: Fragments = FRAGMENTS,
    full_page: bool = False,
) -> RenderedDigest:
    """The stories as a digest, half of them under each of two regions."""
    middle = (len(stories) + 1) // 2
    sections = [
        Section(slug, tuple((s.id, s.version) for s in part))
        for slug, part in (("central-asia", stories[:middle]), ("ge", stories[middle:]))
        if part
    ]
    line = build_subject(language, [s.lead.title for s in stories], len(stories))
    copy = DigestInput(line, language, note, sections, f"{SITE}/read/AbCdEf", max_stories, zone_or_utc(zone))
    return render_digest(copy, {s.id: s for s in stories}, fragments, web_edition=full_page)


def build_message(
    page: RenderedDigest,
    language: str = "en",
    *,
    zone: str = "Asia/Tashkent",
    regions: Sequence[str] = ("central-asia", "ge"),
) -> bytes:
    """The message as it goes over the wire."""
    delivery = ClaimedDelivery(
        1,
        7,
        3,
        1,
        False,
        NOW,
        "",
        "reader@example.com",
        "AbCdEfGh",
        SubscriberState.ACTIVE,
        Cadence.WEEKLY,
        2,
        420,
        zone,
    )
    parts = build_merge_data(delivery, SENDER, LINKS, now=NOW)
    lines = DateAndReasonLines(TREE, tuple(regions), language).for_delivery(delivery)
    message = prepare_message(page, 7, SENDER).fill({**lines, "page_links": ""})
    return message.build(parts.headers, parts.values)


def parse_message(message: bytes) -> EmailMessage:
    """The message as a mail program reads it."""
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(message)


def body_part(message: bytes, kind: str) -> str:
    """One of its two bodies, decoded."""
    found = parse_message(message).get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")
