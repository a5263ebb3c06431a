"""Articles that are in no database as stories: tagged, grouped, and led by the functions that make digests."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from digest.articles.pure.article_kinds import KindInput, classify
from digest.articles.pure.grouping import group_reports
from digest.articles.pure.headline_words import typicality
from digest.articles.pure.known_stories import Group
from digest.articles.pure.report_pairs import ReportIndex
from digest.articles.pure.reports import Report, read_report
from digest.articles.pure.shown_story import FRESHNESS_STEP, MIN_EXCERPT
from digest.articles.pure.story_countries import chosen_countries
from digest.articles.pure.story_kinds import may_join, may_lead, story_kind
from digest.articles.pure.voices import voice_of
from digest.articles.states import NEVER_MAILED, ArticleKind, Kinds
from digest.editions.pure.group_rules import COUNTRYLESS_WEIGHT, WORLD, has_group
from digest.regions.pure.tagger import Tagger


@dataclass(frozen=True, slots=True)
class RawArticle:
    """An article as a source published it. `key` grows in the order in which articles came."""

    key: int
    source: str
    title: str
    text: str
    seen_at: datetime
    published_at: datetime | None = None
    home: str = ""  # ISO code of the country of a national source
    position: int | None = None  # in the source's own order, 1 is the top
    language: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        """When it was published; when it was first seen, if the source does not say or is wrong."""
        return min(self.published_at or self.seen_at, self.seen_at)


@dataclass(frozen=True)
class TaggedReport:
    """An article with its kind, and the countries and groups of countries that it is about."""

    article: RawArticle
    kind: ArticleKind
    countries: Mapping[str, float]
    groups: Mapping[str, float]

    @cached_property
    def voice(self) -> str:
        """Who speaks in it."""
        article = self.article
        return voice_of(article.source, article.source, text=article.text)


@dataclass(frozen=True, slots=True)
class RankingRequest:
    """What to rank: stories that are new in the window before `at`, of these kinds (None: all)."""

    at: datetime
    most: int
    kinds: Kinds | None = None
    window: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ArticleStory:
    """A story with its reports; `new` are those that were seen in the window, its lead first."""

    reports: Sequence[TaggedReport]
    new: Sequence[TaggedReport]
    thread: str  # "" for a story that is in none
    countries: Mapping[str, float]


def tag_article(article: RawArticle, tagger: Tagger) -> TaggedReport:
    about = tagger.tag_regions(article.title, article.text, home=article.home or None)
    verdict = classify(
        KindInput(article.title, article.url, article.categories, article.language, article.text)
    )
    countries = {tag.country: tag.weight for tag in about.countries}
    return TaggedReport(article, verdict.kind, countries, {tag.group: tag.weight for tag in about.groups})


def group_articles(reports: Sequence[TaggedReport], request: RankingRequest) -> Iterable[ArticleStory]:
    """The stories that are new in the window, of the kinds that were asked for."""
    by_key = {report.article.key: report for report in reports}
    joining = [report for report in reports if may_join(report.kind)]
    for group in _group(joining):
        story = _story([by_key[key] for key in group.keys], str(group.thread), request)
        if story is not None:
            yield story
    for report in reports:
        story = None if may_join(report.kind) else _story([report], "", request)
        if story is not None:
            yield story


def _group(reports: Iterable[TaggedReport]) -> Sequence[Group]:
    in_order = sorted(reports, key=lambda report: (report.article.at, report.article.key))
    return group_reports(ReportIndex.of(map(_as_grouped, in_order)))


def _as_grouped(report: TaggedReport) -> Report:
    article = report.article
    return read_report(
        article.key,
        article.title,
        article.text,
        published_at=article.published_at,
        seen_at=article.seen_at,
        source=article.source,
        language=article.language,
        countries=report.countries.keys(),
    )


def _story(members: Sequence[TaggedReport], thread: str, request: RankingRequest) -> ArticleStory | None:
    mailed = [report for report in members if _is_mailed(report.kind, request.kinds)]
    new = _lead_order([report for report in mailed if report.article.seen_at > request.at - request.window])
    if not new:
        return None
    kinds = [new[0].kind, *(report.kind for report in members if report is not new[0])]
    if not _is_mailed(story_kind(kinds), request.kinds):
        return None
    return ArticleStory(members, new, thread, _countries(members))


def _is_mailed(kind: ArticleKind, kinds: Kinds | None) -> bool:
    return kind not in NEVER_MAILED if kinds is None else kind in kinds


def _lead_order(reports: Sequence[TaggedReport]) -> list[TaggedReport]:
    """The report that should lead first, as in `shown_story.lead_order`, without copies, weights and languages."""
    newest_first = [
        report.article for report in sorted(reports, key=lambda report: report.article.at, reverse=True)
    ]
    shared = typicality([article.title for article in newest_first])
    typical = dict(zip([article.key for article in newest_first], shared, strict=True))

    def lead_key(report: TaggedReport) -> tuple[bool, bool, bool, int, float, int]:
        article = report.article
        return (
            not may_lead(report.kind),
            report.kind != ArticleKind.NEWS,
            len(article.text) < MIN_EXCERPT,
            (newest_first[0].at - article.at) // FRESHNESS_STEP,
            -typical[article.key],
            -article.key,
        )

    return sorted(reports, key=lead_key)


def _countries(reports: Sequence[TaggedReport]) -> dict[str, float]:
    """The countries and groups that the story is about, by the rules for stories in the database."""
    placed = [report for report in reports if report.countries or report.groups]
    if not placed:
        several = len({report.article.source for report in reports}) > 1
        return {WORLD: COUNTRYLESS_WEIGHT} if several else {}
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for report in placed:
        for group, weight in report.groups.items():
            groups[group].append(weight)
    countries = chosen_countries(
        {
            (report.article.key, country): weight
            for report in reports
            for country, weight in report.countries.items()
        }
    )
    about = {group: max(weights) for group, weights in groups.items() if has_group(len(weights), len(placed))}
    return {**countries, **about}
