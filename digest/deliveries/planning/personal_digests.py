"""Personal digests: a group's digest without the stories that a subscriber received before."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from digest.database import Tx
from digest.deliveries.planning.planner import NO_STORIES, Planner, compose_digests, late_arrivals_by_group
from digest.deliveries.store import plans, windows
from digest.deliveries.store.plans import GroupKey, edition_spec
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.editions.composer import ComposedDigest
from digest.editions.models import Edition
from digest.editions.pure.edition_spec import EditionSpec
from digest.editions.pure.sections import story_ids
from digest.editions.pure.selection import MAX_NEWS_AGE
from digest.editions.store import candidates, editions
from digest.editions.store.editions import DigestRow
from digest.subscribers.models import Subscriber
from digest.subscribers.store import subscribers


class RepeatedStories(NamedTuple):
    """The group of a subscriber, and the stories of its digest that the subscriber received before."""

    group: GroupKey
    story_ids: frozenset[int]


def write_personal_digests(
    tx: Tx, planner: Planner, edition: Edition, scope: SubscriberScope
) -> dict[int, int | None]:
    """Write digests for the subscribers who received some of the window's stories before, without those stories.

    Returns the digest id by subscriber id; None where no story is left. Subscribers of one group who received the same
    stories share a digest.
    """
    spec = edition_spec(edition)
    repeated = find_repeated_stories(tx, planner, spec, scope)
    preferences_keys = sorted({stories.group.preferences_key for stories in repeated.values()})
    preferences = subscribers.preferences_by_key(tx, preferences_keys)
    digests: dict[RepeatedStories, DigestRow | None] = {}
    for stories in set(repeated.values()):
        group = stories.group
        composed = planner.compose_digest(
            tx, spec, group, preferences[group.preferences_key], stories.story_ids
        )
        digests[stories] = composed.digest if composed else None
    rows = [row for row in digests.values() if row]
    editions.save_digests(tx, edition.id, rows)
    ids = editions.digest_ids(tx, edition.id, [row.key for row in rows]) if rows else {}
    return {
        subscriber_id: ids.get(row.key) if (row := digests[stories]) else None
        for subscriber_id, stories in repeated.items()
    }


def find_repeated_stories(
    tx: Tx, planner: Planner, spec: EditionSpec, scope: SubscriberScope
) -> dict[int, RepeatedStories]:
    """The stories of their group's digest that subscribers received before, by subscriber id.

    Few subscribers have any: they changed their regions, and a story that they received is now news for the new ones;
    or they received an edition with `hours`, which did not move their window.
    """
    composed_groups = planner.composed_groups(spec)
    keys_with_arrivals = {group.preferences_key for group, arrivals in composed_groups.items() if arrivals}
    since = min((group.window_start for group in composed_groups), default=spec.cutoff) - MAX_NEWS_AGE
    digests_received: dict[tuple[int, GroupKey], set[int]] = {}
    for received in windows.find_received_digests(tx, scope, spec, keys=keys_with_arrivals, since=since):
        digests_received.setdefault((received.subscriber_id, received.group), set()).add(received.digest_id)
    stories = candidates.story_ids_by_digest(tx, sorted(set().union(*digests_received.values())))
    preferences = subscribers.preferences_by_key(
        tx, sorted({group.preferences_key for _, group in digests_received})
    )
    repeated: dict[int, RepeatedStories] = {}
    computed: dict[RepeatedStories, frozenset[int]] = {}  # by a group and the stories that were received
    for (subscriber_id, group), digest_ids in digests_received.items():
        received_stories = RepeatedStories(
            group, NO_STORIES.union(*(stories[digest_id] for digest_id in digest_ids))
        )
        if received_stories not in computed:
            compose = partial(planner.compose_digest, tx, spec, group, preferences[group.preferences_key])
            computed[received_stories] = _find_repeated(compose, received_stories.story_ids)
        if computed[received_stories]:
            repeated[subscriber_id] = RepeatedStories(group, computed[received_stories])
    return repeated


def _find_repeated(
    compose: Callable[[frozenset[int]], ComposedDigest | None], received: frozenset[int]
) -> frozenset[int]:
    """Which of the received stories a digest would repeat.

    A digest has a limited length, so leaving stories out lets others in, and these may have been received too.
    """
    repeated = NO_STORIES
    while (composed := compose(repeated)) and (found := received & story_ids(composed.digest.sections)):
        repeated |= found
    return repeated


def digest_for_subscriber(
    tx: Tx, planner: Planner, spec: EditionSpec, subscriber: Subscriber
) -> DigestRow | None:
    """What one subscriber would get from an edition; None when nothing is new. Writes nothing."""
    scope = SubscriberScope(after_id=subscriber.id - 1, up_to_id=subscriber.id, any_state=True)
    composed = compose_digests(tx, planner, spec, list(plans.count_groups(tx, scope, spec)))
    composed_groups = planner.composed_groups(spec)
    composed_groups |= late_arrivals_by_group(composed)
    digest = next(iter(composed.values()), None)
    repeated = find_repeated_stories(tx, planner, spec, scope).get(subscriber.id)
    if digest and repeated:
        digest = planner.compose_digest(tx, spec, repeated.group, subscriber.preferences, repeated.story_ids)
    return digest.digest if digest else None
