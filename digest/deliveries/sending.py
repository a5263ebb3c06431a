"""Sends what is planned: claim a chunk, load what it takes, hand it to the relay, keep the answers as they come."""

import logging
import random
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import islice

from digest.articles import store as articles
from digest.articles.stories import ShownStory
from digest.database import Database, Tx
from digest.deliveries import store
from digest.deliveries.messages import Sender, Why, envelope, mould
from digest.deliveries.retrying import Tried, verdict
from digest.deliveries.store import Answer, Claimed
from digest.editions import store as editions
from digest.editions.calendar import zone_or_utc
from digest.editions.fragments import Fragments
from digest.editions.models import Digest
from digest.editions.press import Copy, printed
from digest.editions.selection import IN_MAIL
from digest.errors import UnavailableError
from digest.mail.messages import MessageMould
from digest.mail.outcomes import Deferred, Outcome
from digest.mail.relay import Relay
from digest.regions.tree import RegionTree
from digest.subscribers import store as subscribers
from digest.subscribers.links import Links
from digest.subscribers.models import Preferences

log = logging.getLogger(__name__)
CHUNK = 200  # deliveries claimed at once
LEASE = timedelta(minutes=5)  # after which a claim is anybody's again
PATIENCE = timedelta(
    minutes=2
)  # a slow relay: the rest of the chunk is given back well before the lease ends
FLUSH = 25  # answers kept in memory at most; a crash can't forget more
MOULDS_KEPT = 50  # of about 100 KB each
STORIES_KEPT = 10_000  # of about 2 KB each
RELAY_DOWN = timedelta(minutes=1)  # until the next try when nobody answers at all


@dataclass
class Post:
    """What a worker process needs to send: the relay, the fragments, and who we are. One per process."""

    relay: Relay
    fragments: Fragments
    links: Links
    sender: Sender
    tree: RegionTree
    clock: Callable[[], datetime]
    moulds: "OrderedDict[str, Pattern]" = field(default_factory=OrderedDict)
    stories: dict[int, ShownStory] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A digest ready to be poured, and the lines its readers have in common."""

    mould: MessageMould
    why: Why


@dataclass(frozen=True, slots=True)
class Content:
    """What a chunk's digests are made of."""

    digests: Mapping[int, Digest]
    preferences: Mapping[str, Preferences]
    notes: Mapping[int, str]
    shown: Mapping[int, ShownStory]


def send_chunk(db: Database, post: Post) -> int:
    """Send up to 200 planned deliveries; returns how many were claimed (0: there is nothing to do now)."""
    holder, started = secrets.token_hex(8), post.clock()
    with db.begin() as tx:
        claimed = store.claim(tx, holder, started, lease=LEASE, limit=CHUNK)
    if not claimed:
        return 0
    content = _load(db, post, claimed)
    answers = _answers(claimed, content, post, started)
    while some := list(islice(answers, FLUSH)):
        with db.begin() as tx:
            store.keep_answers(tx, holder, some)
    return len(claimed)


def _load(db: Database, post: Post, claimed: Sequence[Claimed]) -> Content:
    with db.read() as tx:
        digests = editions.digests(tx, sorted({delivery.digest_id for delivery in claimed}))
        story_ids = {
            story for d in digests.values() for _, stories in editions.stories_of(d) for story, _ in stories
        }
        return Content(
            digests=digests,
            preferences=subscribers.preferences(tx, sorted({d.preferences_key for d in digests.values()})),
            notes={key: editions.by_id(tx, key).note for key in {d.edition_id for d in digests.values()}},
            shown=_shown(tx, post, story_ids),
        )


def _shown(tx: Tx, post: Post, story_ids: Collection[int]) -> Mapping[int, ShownStory]:
    """The stories as they are now; of those that we have, only version and visibility are asked for."""
    marks = articles.story_marks(tx, story_ids)
    if len(post.stories) > STORIES_KEPT:
        post.stories.clear()
    outdated = [
        key for key, mark in marks.items() if key not in post.stories or _mark(post.stories[key]) != mark
    ]
    post.stories.update(articles.shown_stories(tx, outdated))
    return {key: post.stories[key] for key in marks if key in post.stories}


def _mark(story: ShownStory) -> tuple[int, bool]:
    return story.version, story.hidden


def _answers(claimed: Sequence[Claimed], content: Content, post: Post, started: datetime) -> Iterator[Answer]:
    """Send one after the other; when nobody answers or time runs out, the rest goes back."""
    for index, delivery in enumerate(claimed):
        now = post.clock()
        if now - started > PATIENCE:
            yield from _given_back(claimed[index:], now, "given back: the relay is slow")
            return
        try:
            yield _answer(delivery, content, post, now)
        except UnavailableError as error:
            log.warning("%s; %d deliveries wait", error, len(claimed) - index)
            yield from _given_back(claimed[index:], now + RELAY_DOWN, str(error))
            return
        except Exception as error:
            # One digest that can't be rendered must neither stop the others nor forget what was accepted before it.
            # It is tried again like a deferred one, until it is stale: by then somebody has read the log.
            log.exception("delivery %d failed", delivery.id)
            yield _judged(delivery, Deferred(f"not sent: {type(error).__name__}: {error}"), now)


def _answer(delivery: Claimed, content: Content, post: Post, now: datetime) -> Answer:
    if delivery.state not in ("active", None):  # left, paused or suppressed since it was planned
        return _final(delivery, "skipped", f"the reader is {delivery.state}", now)
    zone = zone_or_utc(delivery.zone or "UTC")
    pattern = _pattern(content.digests[delivery.digest_id], content, post, zone)
    if pattern is None:
        return _final(delivery, "skipped", "all of its stories were hidden", now)
    parts = envelope(delivery, post.sender, post.links, why=pattern.why, now=now)
    message = pattern.mould.pour(parts.headers, parts.values)
    return _judged(delivery, post.relay.send(parts.sender, parts.recipient, message), now)


def _pattern(digest: Digest, content: Content, post: Post, zone: tzinfo) -> Pattern | None:
    """The digest's mould for readers of a zone, made anew when a story of it changed or was hidden.

    None when nothing is left to show.
    """
    shown = [content.shown.get(story) for _, stories in editions.stories_of(digest) for story, _ in stories]
    versions = [(story.id, story.version) for story in shown if story and not story.hidden]
    if not versions:
        return None
    key = f"{digest.id}:{zone}:{hash(tuple(versions))}"
    if key not in post.moulds:
        post.moulds[key] = _made(digest, content, post, zone)
        if len(post.moulds) > MOULDS_KEPT:
            post.moulds.popitem(last=False)
    return post.moulds[key]


def _made(digest: Digest, content: Content, post: Post, zone: tzinfo) -> Pattern:
    wanted = content.preferences[digest.preferences_key]
    copy = Copy(
        subject=digest.subject,
        language=wanted.language,
        note=content.notes[digest.edition_id],
        sections=editions.stories_of(digest),
        web_url=f"{post.sender.site_url}/read/{digest.public_id}",
        most=IN_MAIL[wanted.size],
        zone=zone,
    )
    page = printed(copy, content.shown, post.fragments)
    why = Why(post.tree, tuple(wanted.regions), wanted.language)
    return Pattern(mould(page, digest.edition_id, post.sender), why)


def _judged(delivery: Claimed, outcome: Outcome, now: datetime) -> Answer:
    tried = Tried(delivery.attempts, delivery.in_doubt, delivery.planned_at)
    decided = verdict(outcome, tried, now, jitter=random.random())  # noqa: S311  (spreads load, no secret)
    return Answer(
        id=delivery.id,
        state=decided.state,
        answer=outcome.answer,
        not_before=decided.not_before,
        finished_at=now if decided.final else None,
        in_doubt=decided.in_doubt,
        attempts=delivery.attempts,
    )


def _given_back(rest: Sequence[Claimed], not_before: datetime, reason: str) -> Iterator[Answer]:
    for delivery in rest:
        yield Answer(
            id=delivery.id,
            state="planned",
            answer=reason,
            not_before=not_before,
            finished_at=None,
            in_doubt=delivery.in_doubt,
            attempts=delivery.attempts - 1,
        )


def _final(delivery: Claimed, state: str, answer: str, now: datetime) -> Answer:
    return Answer(delivery.id, state, answer, now, now, delivery.in_doubt, delivery.attempts)
