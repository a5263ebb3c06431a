"""Measures grouping: a whole window of 72 hours at once, and the reports of one poll among those of the window.

Prints one JSON line. The reports are invented: events with words of their own among common words, in the proportions
of real feeds (headline of 10 words, text of 40; most events have one report, a few have many). Times are CPU times, the
best of five rounds.
"""

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from digest.articles.pure.grouping import group_reports
from digest.articles.pure.known_stories import Hold, KnownStory
from digest.articles.pure.report_pairs import ReportIndex
from digest.articles.pure.reports import Report, read_report

REPORTS, NEW_REPORTS, ROUNDS = 3_000, 10, 5
TITLE_WORDS, TEXT_WORDS = 10, 40
START = datetime(2026, 3, 2, tzinfo=UTC)


def invent_reports(count: int, rng: random.Random) -> list[Report]:
    """Reports of events whose sizes are like those of real feeds: two thirds of the events have one report."""
    common = [f"w{n}" for n in range(400)]
    vocabulary = [f"{rng.getrandbits(40):x}" for _ in range(12_000)]
    reports: list[Report] = []
    while len(reports) < count:
        own = rng.sample(vocabulary, 25)
        at = START + timedelta(hours=rng.uniform(0, 72))
        for _ in range(min(count - len(reports), max(1, int(rng.paretovariate(1.2))), 40)):
            words = rng.sample(own, 14) + rng.choices(common, k=TITLE_WORDS + TEXT_WORDS - 14)
            rng.shuffle(words)
            title = " ".join([*rng.sample(own, 5), *words[: TITLE_WORDS - 5]])
            reports.append(
                read_report(len(reports), title, " ".join(words), seen_at=at, source=f"s{rng.randrange(60)}")
            )
    return reports


def cpu_seconds(work: Callable[[], object]) -> float:
    """The least CPU time of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        times.append(time.process_time() - before)
    return round(min(times), 3)


def main() -> None:
    reports = invent_reports(REPORTS, random.Random(7))  # noqa: S311 - invented news, no secret
    index = ReportIndex.of(reports)
    groups = group_reports(index)
    stories = {
        key: KnownStory(n, Hold.SENT if n % 3 else Hold.OPEN, n, sent_at=reports[0].at + 1)
        for n, group in enumerate(groups, start=1)
        for key in group.keys
    }
    new_keys = [report.key for report in reports[-NEW_REPORTS:]]
    placed = {key: story for key, story in stories.items() if key not in new_keys}
    print(
        json.dumps(
            {
                "benchmark": "grouping",
                "reports": REPORTS,
                "stories": len(groups),
                "cpu_seconds_window": cpu_seconds(lambda: group_reports(index)),
                "cpu_seconds_window_with_sent_stories": cpu_seconds(lambda: group_reports(index, stories)),
                f"cpu_seconds_{NEW_REPORTS}_new": cpu_seconds(
                    lambda: group_reports(index, placed, new_keys=new_keys)
                ),
            }
        )
    )


if __name__ == "__main__":
    main()
