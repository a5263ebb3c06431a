"""What a digest looks like on the wire: its message, encoded once, and what each delivery splices in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, parseaddr
from functools import cached_property

from digest.deliveries.pure import return_paths
from digest.deliveries.store.claims import Claimed
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.rendering import Printed
from digest.i18n.locales import translations
from digest.mail.pure.dkim import Signer
from digest.mail.pure.mime import Headers, MessageMould, date, mailbox
from digest.mail.pure.text_wrapping import wrapped
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.descriptions import date_line, hour_line, place, regions_line
from digest.subscribers.pure.links import Links

TEST_ID = "test"  # what an editor's test carries in its links instead of a subscriber's id


@dataclass(frozen=True)
class Sender:
    """Who the mails are from: the From mailbox, the domain of return paths, the site, and the secret for ids."""

    mail_from: str
    return_path_domain: str
    site_name: str
    site_url: str
    secret: str
    signers: tuple[Signer, ...] = ()  # of DKIM; none: the mail server signs
    reads_mail: bool = False  # whether somebody reads what is sent to the return path domain

    @cached_property
    def address(self) -> str:
        """The address alone."""
        return parseaddr(self.mail_from)[1]

    @cached_property
    def domain(self) -> str:
        """The domain of the From address."""
        return self.address.rpartition("@")[2]

    def identity(self, *parts: object) -> str:
        """An opaque, always equal name for something, that tells nobody else anything."""
        return return_paths.mac(self.secret, "identity\0" + "/".join(map(str, parts)), octets=12)

    def return_path(self, local_part: str) -> str:
        """The envelope sender; with a return path domain, bounces name what they answer (VERP, see `returning.py`)."""
        return f"{local_part}@{self.return_path_domain}" if self.return_path_domain else self.address

    def unsubscribing(self, url: str, public_id: str) -> str:
        """The value of List-Unsubscribe: the page, and an address where there is somebody to read it."""
        if not (self.return_path_domain and self.reads_mail):
            return f"<{url}>"
        address = f"{return_paths.reader_part(self.secret, public_id)}@{self.return_path_domain}"
        return f"<{url}>, <mailto:{address}?subject=unsubscribe>"


def mould(printed: Printed, edition_id: int, sender: Sender) -> MessageMould:
    """The message of a digest, with slots."""
    headers: Headers = [
        ("From", mailbox(sender.mail_from)),
        ("Subject", printed.subject),
        ("List-Id", formataddr((sender.site_name, f"digest.{sender.domain}"), "utf-8")),
        ("List-Help", f"<{sender.site_url}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
        ("Auto-Submitted", "auto-generated"),
        ("Feedback-ID", f"e{edition_id}:digest:{sender.identity('list')[:8]}:dateline"),
    ]
    return MessageMould(headers, text=printed.text, html_body=printed.html)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is one delivery's alone, besides the mould of its digest and the lines of `Why`."""

    sender: str
    recipient: str
    headers: Headers
    values: Mapping[str, str]


def envelope(delivery: Claimed, sender: Sender, links: Links, *, now: datetime) -> Envelope:
    """A delivery's own parts. The Message-ID is derived from edition and subscriber: a repeat is the same message."""
    public_id = delivery.public_id or TEST_ID
    recipient = delivery.email or delivery.test_address
    identity = message_identity(sender, delivery.edition_id, delivery.planned_at, public_id, recipient)
    unsubscribe = links.url("unsubscribe", public_id, delivery.planned_at)
    preferences = links.url("preferences", public_id, delivery.planned_at)
    return Envelope(
        sender=sender.return_path(
            return_paths.delivery_part(sender.secret, delivery.id, delivery.planned_at)
        ),
        recipient=recipient,
        headers=[
            ("Date", date(now)),
            ("To", recipient),
            ("Message-ID", f"<{identity}@{sender.domain}>"),
            ("List-Unsubscribe", sender.unsubscribing(unsubscribe, public_id)),
        ],
        values={
            "preferences_url": preferences,
            "pause_url": preferences + "#pause",
            "unsubscribe_url": unsubscribe,
        },
    )


def message_identity(
    sender: Sender, edition_id: int, planned_at: datetime, public_id: str, recipient: str
) -> str:
    """What the Message-ID of a delivery begins with.

    The time of planning tells deliveries apart whose row ids are used again, after a backup was restored.
    """
    return sender.identity(edition_id, planned_at, public_id, recipient)


class Why:
    """The lines that tell a reader the date and why they get this; those of many readers are the same."""

    def __init__(self, tree: RegionTree, regions: tuple[str, ...], language: str) -> None:
        self._language = language
        self._regions = regions_line(tree, regions, language)

    def lines(self, delivery: Claimed) -> Mapping[str, str]:
        """The values of the slots `date_line` and `why_line`."""
        return {"date_line": self._date_line(delivery), "why_line": self._why_line(delivery)}

    def _date_line(self, delivery: Claimed) -> str:
        zone = delivery.zone or "UTC"
        where = place(zone, self._language)
        return date_line(delivery.planned_at, zone_or_utc(zone), where, self._language)

    def _why_line(self, delivery: Claimed) -> str:
        words = translations(self._language)
        if delivery.cadence is None:
            return wrapped(
                words.gettext("A test of the digest about %(regions)s.") % {"regions": self._regions}
            )
        when = hour_line(
            delivery.cadence,
            delivery.weekday or 0,
            delivery.send_minute or 0,
            zone=delivery.zone or "UTC",
            language=self._language,
        )
        text = words.gettext("You asked for %(regions)s, %(when)s.") % {
            "regions": self._regions,
            "when": when,
        }
        return wrapped(text)
