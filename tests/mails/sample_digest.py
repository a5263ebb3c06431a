"""A digest as the tests of mails need it: stories with defaults, printed and sent by the real path."""

import email.policy
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import count

from digest.articles.pure.shown_story import Report, ShownStory, Told, shown
from digest.deliveries.messages.digest_message import Sender, Why, envelope, mould
from digest.deliveries.store.claims import Claimed
from digest.editions.fragments import Fragments, Site
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.rendering import Copy, Printed, printed, subject
from digest.regions.tree import region_tree as regions
from digest.subscribers.pure.links import Links

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TREE = regions.load()
SITE = "https://news.example.org"
FRAGMENTS = Fragments(Site("Dateline", SITE, "1 Test Street, Testville"), TREE)
LINKS = Links("a secret of thirty-two characters", SITE)
SENDER = Sender("Dateline <digest@example.org>", "bounces.example.org", "Dateline", SITE, "secret")
PICTURED = Fragments(Site("Dateline", SITE, "1 Test Street, Testville"), TREE, pictures=True)
NUMBERS = count(500_000)  # fragments are kept by story, so each has a number of its own


def story(
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
    number = next(NUMBERS)
    reports = tuple(
        Report(
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
    return shown(number, 1, NOW - timedelta(hours=2), hidden=False, told=Told(reports, tuple(countries)))


def paper(
    stories: Sequence[ShownStory],
    language: str = "en",
    *,
    zone: str = "Asia/Tashkent",
    note: str = "",
    most: int = 40,
    fragments: Fragments = FRAGMENTS,
    whole: bool = False,
) -> Printed:
    """The stories as a digest, half of them under each of two regions."""
    middle = (len(stories) + 1) // 2
    sections = [
        (slug, tuple((s.id, s.version) for s in part))
        for slug, part in (("central-asia", stories[:middle]), ("ge", stories[middle:]))
        if part
    ]
    line = subject(language, [s.lead.title for s in stories], len(stories))
    copy = Copy(line, language, note, sections, f"{SITE}/read/AbCdEf", most, zone_or_utc(zone))
    return printed(copy, {s.id: s for s in stories}, fragments, whole=whole)


def posted(
    page: Printed,
    language: str = "en",
    *,
    zone: str = "Asia/Tashkent",
    regions: Sequence[str] = ("central-asia", "ge"),
) -> bytes:
    """The message as it goes over the wire."""
    delivery = Claimed(
        1, 7, 3, 1, False, NOW, "", "reader@example.com", "AbCdEfGh", "active", "weekly", 2, 420, zone
    )
    parts = envelope(delivery, SENDER, LINKS, now=NOW)
    lines = Why(TREE, tuple(regions), language).lines(delivery)
    return mould(page, 7, SENDER).filled(lines).pour(parts.headers, parts.values)


def opened(message: bytes) -> EmailMessage:
    """The message as a mail program reads it."""
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(message)


def part(message: bytes, kind: str) -> str:
    """One of its two bodies, decoded."""
    found = opened(message).get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")
