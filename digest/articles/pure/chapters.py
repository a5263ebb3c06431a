"""Whether later reports of a story that was sent to readers bring new facts, and so open a chapter of their own."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log

from digest.articles.pure.reports import Report

# The least share of the new headlines, by the rarity of their words, that no sent report has. Measured on affairs of
# several days: later reports of the same facts have 0 to 0.3, reports of the next event 0.2 to 0.8.
MIN_NEW_SHARE = 0.2
# Or so many rare words that no sent report has, each in the headlines of several new reports: many sources agree on
# something new, in their own words.
MIN_SHARED_NEW_WORDS, MIN_REPORTS_OF_NEW_WORD = 3, 2
RARE_WORD_SHARE = 0.02  # of the reports of the window; a word in more of them says little


@dataclass(frozen=True, slots=True)
class WordRarity:
    """In how many reports of the window each word is."""

    counts: Counter[str]
    report_count: int

    @classmethod
    def of(cls, reports: Iterable[Report]) -> "WordRarity":
        """The rarity of the words of these reports."""
        counts: Counter[str] = Counter()
        report_count = 0
        for report in reports:
            counts.update(report.words.stems)
            report_count += 1
        return cls(counts, report_count)

    def weight(self, stem: str) -> float:
        """How much a word says: 0 if every report has it."""
        return max(0.0, log((self.report_count + 1) / (self.counts[stem] + 0.5)))

    def is_rare(self, stem: str) -> bool:
        """Whether few reports have the word."""
        return self.counts[stem] <= max(RARE_WORD_SHARE * self.report_count, MIN_REPORTS_OF_NEW_WORD + 1)


def brings_new_facts(new: Sequence[Report], sent_reports: Sequence[Report], rarity: WordRarity) -> bool:
    """Whether the headlines of new reports have words, names or numbers that no sent report has.

    Only sent reports in the language of a new one are compared with it: a translation is no news.
    """
    languages = {report.language for report in sent_reports}
    comparable = [report for report in new if report.language in languages]
    if not comparable:
        return False
    sent_words = {stem for report in sent_reports for stem in report.words.stems}
    shares = [_new_share(report, sent_words, rarity) for report in comparable]
    if sum(shares) / len(shares) >= MIN_NEW_SHARE:
        return True
    shared = Counter(stem for report in comparable for stem in report.title.stems)
    new_words = [
        stem
        for stem, count in shared.items()
        if count >= MIN_REPORTS_OF_NEW_WORD and stem not in sent_words and rarity.is_rare(stem)
    ]
    return len(new_words) >= MIN_SHARED_NEW_WORDS


def _new_share(report: Report, sent_words: set[str], rarity: WordRarity) -> float:
    weights = {stem: rarity.weight(stem) for stem in report.title.stems}
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem not in sent_words) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Chapter:
    """An earlier story of a thread, and the cutoff of the first edition that had it."""

    story_id: int
    sent_at: datetime


def last_received(earlier: Iterable[Chapter], received: Collection[int]) -> Chapter | None:
    """The newest earlier chapter among the stories that a reader received.

    With one, the reader gets the later story as an update of it. With None, the reader gets it as a story like any
    other.
    """
    known = [chapter for chapter in earlier if chapter.story_id in received]
    return max(known, key=lambda chapter: (chapter.sent_at, chapter.story_id), default=None)
