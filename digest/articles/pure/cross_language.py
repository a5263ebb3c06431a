"""Recognises reports of one event in two languages by names, numbers, countries and times, without a dictionary.

Names are compared by keys that are the same in all scripts (see `name_keys`). Words that many reports have, and the
names of the countries themselves, say nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from digest.articles.pure.name_keys import MIN_KEY_LENGTH, WORD, consonants
from digest.articles.pure.reports import Report
from digest.i18n.locales import primary_subtag

MAX_DAYS_APART = 1.5
# Names and numbers that two reports must share. Each name counts 1, each number of two digits or more too.
MIN_SHARED, MIN_SHARED_NAMES = 3, 2
MIN_SHARED_WITHOUT_COUNTRIES = 4
MAX_NAME_REPORTS = 12  # a name in more reports of the window is of somebody who is in every paper
MAX_NAME_SHARE = 0.01  # of the reports, if that is more


def bridge_pairs(
    reports: Sequence[Report], positions: Collection[int] | None = None
) -> list[tuple[int, int]]:
    """The pairs of reports in two languages that report one event, by their positions, the smaller first.

    With `positions` only pairs with one of these reports.
    """
    if len({primary_subtag(report.language) for report in reports} - {""}) < 2:
        return []
    by_name: defaultdict[str, list[int]] = defaultdict(list)
    for position, report in enumerate(reports):
        for name in report.names:
            by_name[name].append(position)
    limit = max(MAX_NAME_REPORTS, MAX_NAME_SHARE * len(reports))
    shared: Counter[tuple[int, int]] = Counter()
    for name, holders in by_name.items():
        if len(holders) <= limit:
            for a, b in _pairs(holders, positions):
                if _may_agree(reports[a], reports[b]) and not _is_country(name, reports[a], reports[b]):
                    shared[a, b] += 1
    return [
        pair for pair, names in sorted(shared.items()) if _agree(reports[pair[0]], reports[pair[1]], names)
    ]


def _pairs(holders: Sequence[int], positions: Collection[int] | None) -> Iterator[tuple[int, int]]:
    """The pairs of ascending positions, of which one is among `positions`."""
    for n, a in enumerate(holders):
        for b in holders[n + 1 :]:
            if positions is None or a in positions or b in positions:
                yield a, b


def _may_agree(first: Report, second: Report) -> bool:
    languages = {primary_subtag(first.language), primary_subtag(second.language)}
    return "" not in languages and len(languages) > 1 and abs(first.at - second.at) <= MAX_DAYS_APART


def _agree(first: Report, second: Report, shared_names: int) -> bool:
    if first.countries and second.countries:
        enough = MIN_SHARED if first.countries & second.countries else None
    else:
        enough = MIN_SHARED_WITHOUT_COUNTRIES
    shared = shared_names + len(first.numbers & second.numbers)
    return enough is not None and shared_names >= MIN_SHARED_NAMES and shared >= enough


def _is_country(name: str, first: Report, second: Report) -> bool:
    names: Iterable[str] = (
        country
        for report in (first, second)
        for code in report.countries
        for country in country_keys(primary_subtag(report.language), code)
    )
    return any(name.startswith(country) for country in names)


@lru_cache(maxsize=5_000)
def country_keys(language: str, code: str) -> tuple[str, ...]:
    """The beginnings of the keys of a country's name in a language, as CLDR has it; empty if it has none."""
    try:
        name = Locale.parse(language).territories.get(code, "")
    except (UnknownLocaleError, ValueError):
        return ()
    return tuple(
        key[:MIN_KEY_LENGTH] for word in WORD.findall(name) if len(key := consonants(word)) >= MIN_KEY_LENGTH
    )
