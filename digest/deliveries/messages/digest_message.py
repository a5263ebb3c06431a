"""The message of a digest: encoded once, and completed with the parts of each delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from digest.deliveries.pure import return_paths
from digest.deliveries.store.claims import ClaimedDelivery
from digest.editions.pure.calendar import zone_or_utc
from digest.editions.rendering import RenderedDigest
from digest.i18n.locales import translations
from digest.i18n.zones import city_name
from digest.look.pure.look import ShownLook
from digest.mail.pure.dkim import Signer
from digest.mail.pure.header_fields import Headers, Labelled
from digest.mail.pure.mime import PreparedMessage, format_date
from digest.mail.pure.text_wrapping import wrap_text
from digest.own_addresses import NamedAddress, parse_mailbox
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.descriptions import describe_regions, describe_schedule, format_dateline
from digest.subscribers.pure.links import SignedLinks

TEST_PUBLIC_ID = "test"  # replaces a subscriber's public id in the links of an editor's test


@dataclass(frozen=True)
class SenderIdentity:
    """Who the mails are from: the From mailbox, the domain of return paths, the site, and the secret for ids."""

    mail_from: NamedAddress
    return_path_domain: str
    site_name: str
    site_url: str
    secret: str
    signers: tuple[Signer, ...] = ()  # for DKIM; empty when the mail server signs
    receives_mail: bool = False  # whether the application reads the mail to the return path domain
    reply_to: NamedAddress | None = None  # where answers go; None: to the From address

    def in_look(self, look: ShownLook) -> "SenderIdentity":
        """The identity with the words of a look: the name, the display name of From, and where answers go.

        Where MAIL_FROM has the name of the site, From follows the site's name in the look.
        """
        words, own_name = look.words, self.mail_from.name
        name = words.name if own_name == self.site_name and words.name else own_name
        return replace(
            self,
            site_name=words.name or self.site_name,
            mail_from=NamedAddress(words.sender or name, self.mail_from.address),
            reply_to=parse_mailbox(words.reply_to) if words.reply_to else self.reply_to,
        )

    @property
    def domain(self) -> str:
        """The domain of the From address."""
        return self.mail_from.domain

    @property
    def from_headers(self) -> Headers:
        """From, and Reply-To if answers go elsewhere."""
        reply_to = self.reply_to
        to = [("Reply-To", Labelled(reply_to.name, reply_to.address))] if reply_to else []
        return [("From", Labelled(self.mail_from.name, self.mail_from.address)), *to]

    def opaque_id(self, *parts: object) -> str:
        """An id for `parts` that is always the same and that reveals nothing about them."""
        return return_paths.keyed_mac(self.secret, "identity\0" + "/".join(map(str, parts)), octets=12)

    def return_path(self, local_part: str) -> str:
        """The envelope sender, which gets bounces: `local_part` at the return path domain (VERP), or our address."""
        return (
            f"{local_part}@{self.return_path_domain}" if self.return_path_domain else self.mail_from.address
        )

    def list_unsubscribe(self, url: str, public_id: str) -> str:
        """The value of List-Unsubscribe: the page, and a mail address if the application receives mail."""
        if not (self.return_path_domain and self.receives_mail):
            return f"<{url}>"
        address = f"{return_paths.subscriber_local_part(self.secret, public_id)}@{self.return_path_domain}"
        return f"<{url}>, <mailto:{address}?subject=unsubscribe>"


def prepare_message(rendered: RenderedDigest, edition_id: int, sender: SenderIdentity) -> PreparedMessage:
    """The message of a digest, with slots for what differs between deliveries."""
    headers: Headers = [
        *sender.from_headers,
        ("Subject", rendered.subject),
        ("List-Id", Labelled(sender.site_name, f"digest.{sender.domain}")),
        ("List-Help", f"<{sender.site_url}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
        ("Auto-Submitted", "auto-generated"),
        ("Feedback-ID", f"e{edition_id}:digest:{sender.opaque_id('list')[:8]}:dateline"),
    ]
    return PreparedMessage(headers, text=rendered.text, html_body=rendered.html, marks=rendered.links)


@dataclass(frozen=True, slots=True)
class MergeData:
    """The parts of a message that belong to one delivery. `DateAndReasonLines` makes those that many share."""

    sender: str
    recipient: str
    headers: Headers
    values: Mapping[str, str]


def build_merge_data(
    delivery: ClaimedDelivery, sender: SenderIdentity, links: SignedLinks, *, now: datetime
) -> MergeData:
    """The values that a message gets for this delivery. All attempts to one address have the same Message-ID."""
    public_id = delivery.public_id or TEST_PUBLIC_ID
    recipient = delivery.email or delivery.test_address
    message_id = message_id_local_part(sender, delivery.edition_id, delivery.planned_at, public_id, recipient)
    unsubscribe_url = links.url("unsubscribe", public_id, delivery.planned_at)
    preferences_url = links.url("preferences", public_id, delivery.planned_at)
    return MergeData(
        sender=sender.return_path(
            return_paths.delivery_local_part(sender.secret, delivery.id, delivery.planned_at)
        ),
        recipient=recipient,
        headers=[
            ("Date", format_date(now)),
            ("To", recipient),
            ("Message-ID", f"<{message_id}@{sender.domain}>"),
            ("List-Unsubscribe", sender.list_unsubscribe(unsubscribe_url, public_id)),
        ],
        values={
            "preferences_url": preferences_url,
            "pause_url": preferences_url + "#pause",
            "unsubscribe_url": unsubscribe_url,
        },
    )


def message_id_local_part(
    sender: SenderIdentity, edition_id: int, planned_at: datetime, public_id: str, recipient: str
) -> str:
    """The local part of a delivery's Message-ID.

    `planned_at` keeps it unique when row ids are used again after a backup was restored.
    """
    return sender.opaque_id(edition_id, planned_at, public_id, recipient)


class DateAndReasonLines:
    """The line with a digest's date, and the line with the reason why the subscriber gets it."""

    def __init__(self, tree: RegionTree, regions: tuple[str, ...], language: str) -> None:
        self._language = language
        self._regions = describe_regions(tree, regions, language)

    def for_delivery(self, delivery: ClaimedDelivery) -> Mapping[str, str]:
        """The values of the slots `date_line` and `why_line`."""
        return {"date_line": self._date_line(delivery), "why_line": self._why_line(delivery)}

    def _date_line(self, delivery: ClaimedDelivery) -> str:
        zone = delivery.zone or "UTC"
        city = city_name(zone, self._language)
        return format_dateline(delivery.planned_at, zone_or_utc(zone), city, self._language)

    def _why_line(self, delivery: ClaimedDelivery) -> str:
        catalog = translations(self._language)
        if delivery.cadence is None:
            return wrap_text(
                catalog.gettext("A test of the digest about %(regions)s.") % {"regions": self._regions}
            )
        when = describe_schedule(
            delivery.cadence,
            delivery.weekday or 0,
            delivery.send_minute or 0,
            zone=delivery.zone or "UTC",
            language=self._language,
        )
        text = catalog.gettext("You asked for %(regions)s, %(when)s.") % {
            "regions": self._regions,
            "when": when,
        }
        return wrap_text(text)
