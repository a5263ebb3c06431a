"""Letters: the transactional mails that we owe (confirm, your link), sent from their rows, at once."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.database import Database
from digest.deliveries import returning
from digest.deliveries.messages import Sender, wrapped
from digest.deliveries.retrying import Tried, verdict
from digest.deliveries.sending import Post
from digest.errors import UnavailableError
from digest.mail import templates
from digest.mail.messages import MessageMould, date, mailbox
from digest.mail.moulds import Mould
from digest.regions.tree import RegionTree
from digest.subscribers.letters import store
from digest.subscribers.letters.store import LetterAnswer
from digest.subscribers.links import Links
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.wishes import Wishes
from digest.subscribers.wording import hour_line, regions_line

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
CHUNK = 20
RELAY_DOWN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Words:
    """A letter, filled in."""

    subject: str
    text: str
    html: str


def send_letters(db: Database, post: Post) -> int:
    """Send up to 20 letters that are owed; returns how many were claimed."""
    with db.begin() as tx:
        owed = store.claim(tx, post.clock(), lease=LEASE, limit=CHUNK)
    for index, (letter, subscriber) in enumerate(owed):
        try:
            _send(db, post, letter, subscriber)
        except UnavailableError as error:
            log.warning("%s; %d letters wait", error, len(owed) - index)
            _give_back(db, [waiting for waiting, _ in owed[index:]], post.clock() + RELAY_DOWN, str(error))
            break
    return len(owed)


def _send(db: Database, post: Post, letter: Letter, subscriber: Subscriber) -> None:
    now = post.clock()
    if subscriber.state == "suppressed":
        _keep(db, letter, LetterAnswer("expired", "the address is suppressed", now, letter.attempts))
        return
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
    back = returning.letter_part(post.sender.secret, letter.id, letter.created_at)
    outcome = post.relay.send(post.sender.return_path(back), subscriber.email, message)
    tried = Tried(letter.attempts, letter.attempts > 1, letter.created_at)
    decided = verdict(outcome, tried, now, jitter=random.random())  # noqa: S311  (spreads load, no secret)
    _keep(db, letter, LetterAnswer(decided.state, outcome.answer, decided.not_before, letter.attempts))


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
        "dir": templates.direction(language),
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


def _keep(db: Database, letter: Letter, told: LetterAnswer) -> None:
    with db.begin() as tx:
        store.answered(tx, letter, told)


def _give_back(db: Database, letters: Sequence[Letter], not_before: datetime, reason: str) -> None:
    for letter in letters:
        _keep(db, letter, LetterAnswer("planned", reason, not_before, letter.attempts - 1))
