"""Whose mail came back: found by what only we can have made, never by what somebody claims.

A bounce is a text that anybody can write. So a reader is known by a mark of ours (a return path, an unsubscribe
address or link) or by the Message-ID of a delivery to just the address that the bounce names. A provider's webhook
that is signed may also name a reader by address, if we had sent something there lately.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.database import Tx
from digest.deliveries.messages.digest_message import Sender, message_identity
from digest.deliveries.models import Delivery
from digest.deliveries.pure import return_paths
from digest.errors import InvalidInputError
from digest.feedback import store
from digest.feedback.pure.classification import Reading, Recipient
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import read_address
from digest.subscribers.pure.links import Links

LATELY = timedelta(days=30)  # since when we must have sent to an address that a provider names
IDENTITY = re.compile(r"\b([0-9a-f]{24})@")
LINK = re.compile(r"/unsubscribe/([\w-]{4,60}\.[\w-]{2,20}\.[\w-]{20,80})")
MOST_ADDRESSES = 20  # of one bounce that are looked up
SENT = ("accepted", "in_doubt")


@dataclass(frozen=True, slots=True)
class Keys:
    """What our own marks are recognised by."""

    sender: Sender
    links: Links


@dataclass(frozen=True, slots=True)
class Found:
    """A reader, and which delivery came back (None: a letter, or not known), and what was said.

    `weak`: known by the link to unsubscribe alone, which everybody has to whom the mail was forwarded. So it does what
    that link does, and no more.
    """

    reader: Subscriber
    delivery: Delivery | None
    said: Recipient | None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Trust:
    """Where a piece of feedback came from. `to` is the envelope's recipient, "" when that is not known."""

    origin: str
    to: str = ""
    signed: bool = False  # by a provider that sends for us


def find(tx: Tx, reading: Reading, keys: Keys, trust: Trust, *, now: datetime) -> Sequence[Found]:
    """The readers that a reading is about, each once."""
    found: dict[int, Found] = {}
    for one in _found(tx, reading, keys, trust, now):
        found.setdefault(one.reader.id, one)
    return list(found.values())


def marked(reading: Reading, keys: Keys, trust: Trust) -> bool:
    """Whether there is anything of ours in it that is worth looking up."""
    text = f"{trust.to}\n{reading.to}\n{reading.clues}"
    ours = any(True for _ in return_paths.marks(keys.sender.secret, text))
    return ours or bool(
        LINK.search(text) or (IDENTITY.search(text.lower()) and f"@{keys.sender.domain}" in text)
    )


def leaving(reading: Reading, keys: Keys, trust: Trust) -> str:
    """The public id of the reader whose own address to unsubscribe a mail was sent to; "" for none."""
    sent_to = f"{trust.to}\n{reading.to}"
    named = [
        mark.public_id for mark in return_paths.marks(keys.sender.secret, sent_to) if mark.kind == "reader"
    ]
    return named[0] if named else ""


def _found(tx: Tx, reading: Reading, keys: Keys, trust: Trust, now: datetime) -> Iterator[Found]:
    overall = _overall(reading)
    marks = list(return_paths.marks(keys.sender.secret, f"{trust.to}\n{reading.to}\n{reading.clues}"))
    marked = [one for mark in marks if (one := _marked(tx, mark, overall))]
    if not marked:
        marked = list(_linked(tx, reading, keys, overall, now))
    if marked:
        # A delivery goes to one reader; whoever else is named in what came back was not written to.
        yield min(marked, key=lambda one: one.delivery is None)
        return
    identities = set(IDENTITY.findall(reading.clues.lower()))
    for said in reading.recipients[:MOST_ADDRESSES]:
        reader = _at(tx, said.address)
        if reader is not None:
            sent = store.newest_deliveries(tx, reader.id)
            found = _returned(sent, reader, identities, keys.sender) or _sent_lately(sent, trust, now)
            if found is not None:
                yield Found(reader, found, said)


def _overall(reading: Reading) -> Recipient | None:
    """What a mail about one delivery says of it, whatever addresses it names: hard only when nothing in it is soft."""
    said = list(reading.recipients) or ([reading.nameless] if reading.nameless else [])
    return min(said, key=lambda one: one.hard, default=None)


def _marked(tx: Tx, mark: return_paths.Mark, said: Recipient | None) -> Found | None:
    if mark.kind == "reader":
        reader = store.reader_by_public_id(tx, mark.public_id)
        return Found(reader, None, said) if reader else None
    row = store.delivery(tx, mark.number) if mark.kind == "delivery" else store.letter(tx, mark.number)
    if row is None or row.subscriber_id is None:
        return None
    made = row.planned_at if isinstance(row, Delivery) else row.created_at
    reader = store.reader(tx, row.subscriber_id) if int(made.timestamp()) == mark.made else None
    return Found(reader, row if isinstance(row, Delivery) else None, said) if reader else None


def _linked(tx: Tx, reading: Reading, keys: Keys, said: Recipient | None, now: datetime) -> Iterator[Found]:
    """By the link to unsubscribe, which a returned mail and an abuse report usually hold."""
    for token in LINK.findall(reading.clues)[:5]:
        try:
            public_id = keys.links.read("unsubscribe", token, now)
        except InvalidInputError:
            continue
        reader = store.reader_by_public_id(tx, public_id)
        if reader is not None:
            yield Found(reader, None, said, weak=True)


def _at(tx: Tx, address: str) -> Subscriber | None:
    try:
        return store.reader_by_key(tx, read_address(address).key)
    except InvalidInputError:
        return None


def _returned(
    sent: Sequence[Delivery], reader: Subscriber, identities: set[str], sender: Sender
) -> Delivery | None:
    """The delivery whose Message-ID stands in what came back."""
    for one in sent:
        if (
            message_identity(sender, one.edition_id, one.planned_at, reader.public_id, reader.email)
            in identities
        ):
            return one
    return None


def _sent_lately(sent: Sequence[Delivery], trust: Trust, now: datetime) -> Delivery | None:
    """The newest delivery, for a provider that names the reader by address alone."""
    lately = (one for one in sent if one.state in SENT and one.planned_at > now - LATELY)
    return next(lately, None) if trust.signed else None
