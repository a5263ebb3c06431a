"""Letters: the transactional mails that we owe (confirm, your link), sent from their rows, at once."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.database import Database
from digest.deliveries.messages.digest_message import Sender
from digest.deliveries.pure import return_paths
from digest.deliveries.pure.retry import Tried, verdict
from digest.deliveries.sending.sending_context import Post
from digest.i18n import locales
from digest.mail import templates
from digest.mail.pure.dkim import signed
from digest.mail.pure.mime import MessageMould, date, mailbox
from digest.mail.pure.outcomes import Outcome
from digest.mail.pure.session import Mail
from digest.mail.pure.slotted_text import Mould
from digest.mail.pure.text_wrapping import wrapped
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.descriptions import hour_line, regions_line
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.links import Links
from digest.subscribers.pure.subscription import Wishes
from digest.subscribers.store import letters as store
from digest.subscribers.store.letters import LetterAnswer

LEASE = timedelta(minutes=5)
CHUNK = 20


@dataclass(frozen=True, slots=True)
class Words:
    """A letter, filled in."""

    subject: str
    text: str
    html: str


@dataclass
class OwedLetter:
    """A letter that we have claimed. `begun`: it is on its way to the mail server."""

    letter: Letter
    subscriber: Subscriber
    begun: bool = False


def owed(db: Database, post: Post) -> Sequence[OwedLetter]:
    """Claim letters that are due."""
    now = post.clock()
    with db.read() as tx:
        if not store.any_due(tx, now):
            return []
    with db.begin() as tx:
        return [OwedLetter(*pair) for pair in store.claim(tx, now, lease=LEASE, limit=CHUNK)]


def prepared(db: Database, post: Post, owed: OwedLetter) -> Mail | None:
    """A letter as it goes out; None, and the letter ended, when its reader must not be written to."""
    letter, subscriber, now = owed.letter, owed.subscriber, post.clock()
    owed.begun = True
    if subscriber.state == "suppressed":
        _end(db, owed, LetterAnswer("expired", "the address is suppressed", now, letter.attempts))
        return None
    words = letter_words(letter, subscriber, post.tree, post.links, sender=post.sender, now=now)
    identity = post.sender.identity("letter", letter.id, subscriber.public_id)
    headers = [
        ("Date", date(now)),
        ("To", subscriber.email),
        ("Message-ID", f"<{identity}@{post.sender.domain}>"),
        ("From", mailbox(post.sender.mail_from)),
        ("Subject", words.subject),
        ("Auto-Submitted", "auto-generated"),
    ]
    message = MessageMould(headers, text=Mould((words.text,)), html_body=Mould((words.html,))).pour([], {})
    octets = signed(message, post.sender.signers, now)
    back = return_paths.letter_part(post.sender.secret, letter.id, letter.created_at)
    return Mail(owed, post.sender.return_path(back), subscriber.email, octets)


def keep(db: Database, post: Post, owed: OwedLetter, outcome: Outcome) -> None:
    """Write down what the mail server said of a letter."""
    letter, now = owed.letter, post.clock()
    tried = Tried(letter.attempts, letter.attempts > 1, letter.created_at)
    decided = verdict(outcome, tried, now, jitter=random.random())  # noqa: S311  (spreads load, no secret)
    _end(db, owed, LetterAnswer(decided.state, outcome.answer, decided.not_before, letter.attempts))


def give_back(db: Database, owed: OwedLetter, not_before: datetime, reason: str) -> None:
    """Let others have it; no attempt is counted."""
    letter = owed.letter
    _end(db, owed, LetterAnswer("planned", reason, not_before, letter.attempts - 1))


def letter_words(
    letter: Letter, subscriber: Subscriber, tree: RegionTree, links: Links, *, sender: Sender, now: datetime
) -> Words:
    """Fill a letter's three templates."""
    wishes, kind = Wishes.from_json(letter.wishes), letter.kind
    language = wishes.language
    hour = hour_line(wishes.cadence, wishes.weekday, wishes.send_minute, zone=wishes.zone, language=language)
    url = (
        links.url("confirm", letter.public_id, now)
        if kind == "confirm"
        else links.url("preferences", subscriber.public_id, now)
    )
    values = {
        "lang": language,
        "dir": locales.direction(language),
        "site_name": sender.site_name,
        "site_url": sender.site_url,
        "url": url,
        "regions": regions_line(tree, wishes.regions, language),
        "hour": hour,
    }
    return Words(
        subject=templates.render(f"{kind}/subject.txt", language, **values).strip(),
        text="\n".join(
            wrapped(line) for line in templates.render(f"{kind}/body.txt", language, **values).splitlines()
        ),
        html=templates.inlined(templates.render(f"{kind}/body.html", language, **values)),
    )


def _end(db: Database, owed: OwedLetter, told: LetterAnswer) -> None:
    with db.begin() as tx:
        store.answered(tx, owed.letter, told)
