"""Reports that are the same word for word, which are one story without counting words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from digest.articles.pure.reports import Report

SAME_TITLE_DAYS = 2.0  # later, the same headline is another event ("Markets close higher")


def group_identical(reports: Sequence[Report], fixed_stories: Mapping[int, int]) -> list[int]:
    """The group of each report (0, 1, … in the order of the reports).

    Together are the reports of a fixed story (its id by the key of the report), those with the same text, and those
    with the same headline in different sources within two days. A report of no fixed story goes to the first such
    group.
    """
    ignored_texts = _notices(reports) | {""}
    groups = _Groups(reports, fixed_stories)
    # Fixed stories come first, so that a copy of one of their reports finds it.
    for position in sorted(range(len(reports)), key=lambda n: (reports[n].key not in fixed_stories, n)):
        groups.place(position, ignored_texts)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(groups.label[position], len(numbers)) for position in range(len(reports))]


class _Groups:
    """The groups so far. A group is known by the position of its first report."""

    def __init__(self, reports: Sequence[Report], fixed_stories: Mapping[int, int]) -> None:
        self._reports, self._fixed_stories = reports, fixed_stories
        self.label: dict[int, int] = {}
        self._by_story: dict[int, int] = {}
        self._by_text: dict[str, int] = {}
        self._by_title: dict[str, int] = {}
        self._sources: defaultdict[int, set[str]] = defaultdict(set)

    def place(self, position: int, ignored_texts: set[str]) -> None:
        report = self._reports[position]
        story = self._fixed_stories.get(report.key)
        if story is not None:
            group = self._by_story.setdefault(story, position)
        else:
            group = self._find_copy(report, ignored_texts, position)
        self.label[position] = group
        self._sources[group].add(report.source)
        if report.text_key not in ignored_texts:
            self._by_text.setdefault(report.text_key, group)
        if report.title_key:
            self._by_title.setdefault(report.title_key, group)

    def _find_copy(self, report: Report, ignored_texts: set[str], position: int) -> int:
        if report.text_key not in ignored_texts and report.text_key in self._by_text:
            return self._by_text[report.text_key]
        same_title = self._by_title.get(report.title_key) if report.title_key else None
        if same_title is None or (report.source and report.source in self._sources[same_title]):
            return position
        days = abs(report.at - self._reports[same_title].at)
        return same_title if days <= SAME_TITLE_DAYS else position


def _notices(reports: Iterable[Report]) -> set[str]:
    """The keys of texts that one source has under several headlines, such as a notice in place of each article."""
    headlines: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for report in reports:
        headlines[report.text_key, report.source].add(report.title_key)
    return {text for (text, source), titles in headlines.items() if source and len(titles) > 1}
