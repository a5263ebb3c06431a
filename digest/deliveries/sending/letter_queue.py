"""Sends letters, the transactional mails (confirmation, link to the preferences), before any digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from digest.database import CoreTx, Database
from digest.deliveries.messages.digest_message import SenderIdentity
from digest.deliveries.pure import return_paths
from digest.deliveries.pure.retry import AttemptHistory
from digest.deliveries.sending.sending_context import SendingContext, decide_with_jitter
from digest.i18n import locales
from digest.look.pure.look import ShownLook, mail_brand
from digest.look.pure.palette import DEFAULT_PALETTE
from digest.mail import templates
from digest.mail.pure.dkim import sign_message
from digest.mail.pure.header_fields import Headers
from digest.mail.pure.mime import PreparedMessage, format_date
from digest.mail.pure.outcomes import Outcome
from digest.mail.pure.session import Mail
from digest.mail.pure.slotted_text import SlottedText
from digest.mail.pure.text_wrapping import wrap_text
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.descriptions import describe_hour, describe_regions
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.links import SignedLinks
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import LetterKind, LetterState, SubscriberState
from digest.subscribers.store import letters as store
from digest.subscribers.store.letters import LetterResult
from digest.subscribers.store.subscribers import subscription_of

LEASE = timedelta(minutes=5)
LETTERS_PER_CLAIM = 20


@dataclass(frozen=True, slots=True)
class LetterContent:
    """The three texts of a letter."""

    subject: str
    text: str
    html: str


@dataclass(eq=False)
class ClaimedLetter:
    """A claimed letter. `started` means that its mail was prepared for the relay.

    It changes, so it is compared and hashed by identity: the relay uses it as the key of a mail.
    """

    letter: Letter
    subscriber: Subscriber
    started: bool = False


def claim_letters(db: Database, context: SendingContext) -> Sequence[ClaimedLetter]:
    """Claim letters that are due."""
    now = context.clock()
    with db.read() as tx:
        if not store.any_due(tx, now):
            return []
    with db.begin() as tx:
        rows = store.claim(tx, now, lease=LEASE, limit=LETTERS_PER_CLAIM)
        return [ClaimedLetter(letter, subscriber) for letter, subscriber in rows]


def prepare_letter(db: Database, context: SendingContext, claimed: ClaimedLetter) -> Mail | None:
    """The mail of a letter. If its address is suppressed, the letter expires and the result is None."""
    letter, subscriber, now = claimed.letter, claimed.subscriber, context.clock()
    claimed.started = True
    if subscriber.state == SubscriberState.SUPPRESSED:
        result = LetterResult(
            LetterState.EXPIRED, "the address is suppressed", now, letter.attempts, letter.in_doubt
        )
        _record_result(db, claimed, result)
        return None
    language = Subscription.from_json(letter.requested_subscription).language
    look = context.looks.current(db).shown(language)
    sender = context.sender.in_look(look)
    content = render_letter(
        letter, subscriber, context.tree, context.links, sender=sender, look=look, now=now
    )
    recipient = letter.address or subscriber.email
    message_id = context.sender.opaque_id("letter", letter.id, subscriber.public_id)
    headers: Headers = [
        ("Date", format_date(now)),
        ("To", recipient),
        ("Message-ID", f"<{message_id}@{context.sender.domain}>"),
        *sender.from_headers,
        ("Subject", content.subject),
        ("Auto-Submitted", "auto-generated"),
    ]
    message = PreparedMessage(
        headers, text=SlottedText((content.text,)), html_body=SlottedText((content.html,))
    ).build([], {})
    octets = sign_message(message, context.sender.signers, now)
    local_part = return_paths.letter_local_part(context.sender.secret, letter.id, letter.created_at)
    return Mail(claimed, context.sender.return_path(local_part), recipient, octets)


def record_outcome(tx: CoreTx, claimed: ClaimedLetter, outcome: Outcome, now: datetime) -> None:
    """Write what the mail server's answer means for a letter."""
    letter = claimed.letter
    history = AttemptHistory(letter.attempts, letter.in_doubt, letter.created_at)
    decision = decide_with_jitter(outcome, history, now)
    state = LetterState(decision.state)
    result = LetterResult(state, outcome.answer, decision.not_before, letter.attempts, decision.in_doubt)
    store.record_result(tx, letter, result)


def release_letter(db: Database, claimed: ClaimedLetter, not_before: datetime, reason: str) -> None:
    """Release a letter to other senders, and do not count the attempt."""
    attempts = claimed.letter.attempts - 1
    _record_result(
        db, claimed, LetterResult(LetterState.PLANNED, reason, not_before, attempts, claimed.letter.in_doubt)
    )


def render_letter(
    letter: Letter,
    subscriber: Subscriber,
    tree: RegionTree,
    links: SignedLinks,
    *,
    sender: SenderIdentity,
    now: datetime,
    look: ShownLook | None = None,
) -> LetterContent:
    """The three texts of a letter, from its templates."""
    subscription, kind = Subscription.from_json(letter.requested_subscription), letter.kind
    language = subscription.language
    values: dict[str, Any] = {
        "lang": language,
        "dir": locales.text_direction(language),
        "site_name": sender.site_name,
        "site_url": sender.site_url,
        **letter_look(look, sender.site_url),
        "url": _letter_url(letter, subscriber, links, now),
        "regions": describe_regions(tree, subscription.regions, language),
        "hour": describe_hour(subscription, language),
    }
    if kind == LetterKind.CHANGE:
        current = subscription_of(subscriber)
        values["old_regions"] = describe_regions(tree, current.regions, language)
        values["old_hour"] = describe_hour(current, language)
    text = templates.render(f"{kind}/body.txt", language, **values)
    return LetterContent(
        subject=templates.render(f"{kind}/subject.txt", language, **values).strip(),
        text="\n".join(wrap_text(line) for line in text.splitlines()),
        html=render_html(f"{kind}/body.html", language, values),
    )


def letter_look(look: ShownLook | None, site_url: str) -> dict[str, object]:
    """The values of a letter's template that a look decides; none for the colours and the head of the program."""
    return {"brand": mail_brand(look, site_url), "palette": look.palette} if look else {}


def render_html(template: str, language: str, values: Mapping[str, Any]) -> str:
    """The HTML of a letter, with its styles inline."""
    html = templates.render(template, language, **values)
    return templates.inline_styles(html, values.get("palette", DEFAULT_PALETTE))


def _letter_url(letter: Letter, subscriber: Subscriber, links: SignedLinks, now: datetime) -> str:
    """The link of a letter: to what the letter offers, or to the preferences."""
    match letter.kind:
        case LetterKind.CONFIRM:
            return links.url("confirm", letter.public_id, now)
        case LetterKind.CHANGE:
            return links.url("change", letter.public_id, now)
        case LetterKind.ADDRESS:
            return links.url("address", letter.public_id, now)
        case LetterKind.LINK:
            return links.url("owner", subscriber.public_id, now)


def _record_result(db: Database, claimed: ClaimedLetter, result: LetterResult) -> None:
    with db.begin() as tx:
        store.record_result(tx, claimed.letter, result)
