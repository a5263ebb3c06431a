"""Groups the reports of the open window into stories, and the stories into threads.

A story is one event. Its reports are joined by average linkage over the similarity of their words, which falls with the
time between them. A thread is an affair of several days: stories that are less similar, whatever the time between them.
Stories that were sent in an edition stay as they are (see `chapters`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import log

import numpy as np

from digest.articles.pure.chapters import WordRarity, brings_new_facts
from digest.articles.pure.cross_language import bridge_pairs
from digest.articles.pure.identical_reports import group_identical
from digest.articles.pure.known_stories import WINDOW, Group, Hold, KnownStory
from digest.articles.pure.linkage import link, sums_between
from digest.articles.pure.report_pairs import Days, Numbers, Pairs, ReportIndex
from digest.articles.pure.reports import Report

# The least average similarity of two groups of reports that are one event, and of two stories that are one thread.
EVENT_BOUND, THREAD_BOUND = 0.24, 0.12
# In a small window it is less clear which words are common, so more similarity is needed: at 50 reports and fewer this
# many times as much, falling to once at 800.
SMALL_WINDOW, LARGE_WINDOW, SMALL_WINDOW_FACTOR = 50, 800, 1.2
# What similarity is multiplied with for each day between two reports, after the first half day: the same words on the
# next day are more often a new event.
DAILY_DECAY, DAILY_THREAD_DECAY, UNDECAYED_DAYS = 0.6, 0.9, 0.5
BRIDGE_SIMILARITY = 0.6  # of two reports of one event in two languages, whatever their words are
# For two reports that are about different countries: floods here and floods there.
OTHER_COUNTRIES_FACTOR = 0.7


Groups = Sequence[Sequence[int]]  # positions of reports


@dataclass(frozen=True, slots=True)
class _Window:
    reports: Sequence[Report]
    stories: Mapping[int, KnownStory]  # by key of the report

    def story_of(self, position: int) -> KnownStory | None:
        return self.stories.get(self.reports[position].key)

    def held_story(self, group: Iterable[int], *holds: Hold) -> KnownStory | None:
        """The first story of a group's reports that is held like this."""
        stories = (self.story_of(position) for position in group)
        return next((story for story in stories if story and story.hold in holds), None)


def group_reports(
    index: ReportIndex, stories: Mapping[int, KnownStory] | None = None, *, new_keys: Collection[int] = ()
) -> list[Group]:
    """Group the reports of a window into stories and threads.

    `stories` has the story of each report that is in one, by the key of the report. With `new_keys` only these reports
    are placed, and all others stay in their stories, which is quicker. Every report is in exactly one group. The groups
    come in the order of their first reports.
    """
    window = _Window(index.reports, _settle(stories or {}) if new_keys else stories or {})
    positions = [n for n, report in enumerate(index.reports) if report.key in new_keys] if new_keys else None
    bridges = bridge_pairs(index.reports, None if positions is None else set(positions))
    pairs = index.similar_pairs(positions).joined_with(bridges, BRIDGE_SIMILARITY)
    groups = _group_events(window, _event_pairs(index.reports, pairs))
    return _number(window, groups, _link_threads(window, groups, _thread_pairs(index.reports, pairs)))


def _settle(stories: Mapping[int, KnownStory]) -> dict[int, KnownStory]:
    by_id = {story.id: story for story in stories.values()}
    settled = {
        story_id: story if story.hold == Hold.SENT else replace(story, hold=Hold.SETTLED)
        for story_id, story in by_id.items()
    }
    return {key: settled[story.id] for key, story in stories.items()}


def event_bound(report_count: int) -> float:
    """The least average similarity of two groups of reports that are one event, in a window of so many reports."""
    share = log(max(SMALL_WINDOW, min(LARGE_WINDOW, report_count)) / SMALL_WINDOW) / log(
        LARGE_WINDOW / SMALL_WINDOW
    )
    return EVENT_BOUND * (SMALL_WINDOW_FACTOR - share * (SMALL_WINDOW_FACTOR - 1))


def _event_pairs(reports: Sequence[Report], pairs: Pairs) -> Pairs:
    days = _days_between(reports, pairs)
    decay = DAILY_DECAY ** np.maximum(days - UNDECAYED_DAYS, 0) * (days <= WINDOW / timedelta(days=1))
    countries = [report.countries for report in reports]
    elsewhere = np.fromiter(
        (
            bool(countries[a] and countries[b]) and countries[a].isdisjoint(countries[b])
            for a, b in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
        ),
        dtype=bool,
        count=len(pairs.first),
    )
    return pairs.scaled(decay * np.where(elsewhere, OTHER_COUNTRIES_FACTOR, 1.0))


def _thread_pairs(reports: Sequence[Report], pairs: Pairs) -> Pairs:
    return pairs.scaled(DAILY_THREAD_DECAY ** np.maximum(_days_between(reports, pairs) - UNDECAYED_DAYS, 0))


def _days_between(reports: Sequence[Report], pairs: Pairs) -> Days:
    days = np.array([report.at for report in reports], dtype=np.float64)
    return np.abs(days[pairs.first] - days[pairs.second])


def _group_events(window: _Window, pairs: Pairs) -> list[list[int]]:
    """The reports by event. Groups of unsent reports join first; then each joins a sent story, or stays a chapter."""
    kept = {key: story.id for key, story in window.stories.items() if story.hold != Hold.OPEN}
    labels = group_identical(window.reports, kept)
    groups = _by_label(labels)
    sent_groups = {n for n, group in enumerate(groups) if window.held_story(group, Hold.SENT)}
    settled = {n for n, group in enumerate(groups) if window.held_story(group, Hold.SETTLED)}
    bound = event_bound(len(window.reports))
    linked = link(labels, pairs.without_groups(labels, sent_groups), bound=bound, fixed=settled | sent_groups)
    return _join_sent(window, _by_label(linked), pairs, bound)


def _join_sent(window: _Window, groups: list[list[int]], pairs: Pairs, bound: float) -> list[list[int]]:
    """Put each unsent group that is similar to a sent story, but brings nothing new, into that story."""
    sent_groups = {n for n, group in enumerate(groups) if window.held_story(group, Hold.SENT)}
    if not sent_groups:
        return groups
    rarity = WordRarity.of(window.reports)
    joined = {n: list(group) for n, group in enumerate(groups)}
    for n, anchor in _nearest_sent(groups, sent_groups, pairs, bound).items():
        if window.held_story(groups[n], Hold.SETTLED) is None:
            new = [window.reports[position] for position in groups[n]]
            if not brings_new_facts(new, _sent_reports(window, groups[anchor]), rarity):
                joined[anchor] += joined.pop(n)
    return [sorted(group) for group in joined.values()]


def _nearest_sent(groups: Groups, sent_groups: Collection[int], pairs: Pairs, bound: float) -> dict[int, int]:
    """By number of an unsent group, the sent one that is the most similar to it, if it reaches the bound."""
    nearest: dict[int, tuple[float, int]] = {}
    sums = sums_between(_labels(groups), pairs)
    for a, b, total in zip(*(column.tolist() for column in sums), strict=True):
        average = total / (len(groups[a]) * len(groups[b]))
        if (a in sent_groups) != (b in sent_groups) and average >= bound:
            unsent, anchor = (b, a) if a in sent_groups else (a, b)
            nearest[unsent] = max(nearest.get(unsent, (0.0, anchor)), (average, anchor))
    return {unsent: anchor for unsent, (_, anchor) in nearest.items()}


def _sent_reports(window: _Window, group: Iterable[int]) -> list[Report]:
    """The reports of a sent group that were there when it was sent."""
    in_time = []
    for position in group:
        report, story = window.reports[position], window.story_of(position)
        if story and story.hold == Hold.SENT and (story.sent_at is None or report.seen <= story.sent_at):
            in_time.append(report)
    return in_time or [window.reports[position] for position in group if window.story_of(position)]


def _link_threads(window: _Window, groups: Groups, pairs: Pairs) -> list[int]:
    """The thread of each group, as a number. Sent stories of one thread stay together, those of two apart."""
    known = {
        n: story.thread for n, group in enumerate(groups) if (story := window.held_story(group, Hold.SENT))
    }
    first_of_thread: dict[int | None, int] = {}
    start = [first_of_thread.setdefault(known[n], n) if known.get(n) else n for n in range(len(groups))]
    numbers = {first: number for number, first in enumerate(dict.fromkeys(start))}
    thread_of_group = [numbers[first] for first in start]
    labels = [0] * len(window.reports)
    for n, group in enumerate(groups):
        for position in group:
            labels[position] = thread_of_group[n]
    fixed = {thread_of_group[n] for n, thread in known.items() if thread}
    linked = link(labels, pairs, bound=THREAD_BOUND, fixed=fixed)
    return [linked[group[0]] for group in groups]


def _number(window: _Window, groups: Groups, threads: Sequence[int]) -> list[Group]:
    """Give each group the story that it has the most reports of; of open stories, each to one group only."""
    story_ids = _choose_stories(window, groups)
    sent_threads = {
        thread: story.thread
        for group, thread in zip(groups, threads, strict=True)
        if (story := window.held_story(group, Hold.SENT)) and story.thread is not None
    }
    return [
        Group(
            tuple(window.reports[position].key for position in group),
            story_ids.get(n),
            sent_threads.get(threads[n], -1 - threads[n]),
        )
        for n, group in enumerate(groups)
    ]


def _choose_stories(window: _Window, groups: Groups) -> dict[int, int]:
    """By number of a group, the id of the story that goes on in it."""
    chosen: dict[int, int] = {}
    claims: list[tuple[int, int, int]] = []  # minus the number of reports, the story, the group
    for n, group in enumerate(groups):
        if (held := window.held_story(group, Hold.SENT, Hold.SETTLED)) is not None:
            chosen[n] = held.id
            continue
        counts = Counter(story.id for position in group if (story := window.story_of(position)))
        claims += [(-size, story_id, n) for story_id, size in counts.items()]
    taken = set(chosen.values())
    for _, story_id, n in sorted(claims):
        if n not in chosen and story_id not in taken:
            chosen[n] = story_id
            taken.add(story_id)
    return chosen


def _by_label(labels: Sequence[int]) -> list[list[int]]:
    members: defaultdict[int, list[int]] = defaultdict(list)
    for position, label in enumerate(labels):
        members[label].append(position)
    return list(members.values())


def _labels(groups: Groups) -> Numbers:
    labels = np.zeros(sum(len(group) for group in groups), dtype=np.int64)
    for n, group in enumerate(groups):
        labels[list(group)] = n
    return labels
