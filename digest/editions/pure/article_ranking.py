"""Ranks articles that are in no database, by the functions that make digests: tag, group, rank, diversify."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from digest.articles.pure.headline_weight import headline_weight
from digest.articles.pure.headline_words import story_words
from digest.editions.pure.article_stories import (
    ArticleStory,
    RankingRequest,
    RawArticle,
    TaggedReport,
    group_articles,
    tag_article,
)
from digest.editions.pure.publishers_order import PublishedReport, follows_publishers, score_by_publishers
from digest.editions.pure.ranking import (
    Contribution,
    RankedReport,
    RankingMoment,
    StoryFacts,
    StoryScore,
    score_story,
    source_standing,
    specialists,
)
from digest.editions.pure.selection import Candidate, CountryRelevance, StoryIndex, select_stories
from digest.regions.pure.tagger import Tagger


@dataclass(frozen=True, slots=True)
class RankedArticles:
    """A story at its place: its lead, all its articles by key, its points, and the reasons for them."""

    lead: int
    articles: tuple[int, ...]
    points: float
    why: tuple[Contribution, ...]


def rank_articles(
    articles: Iterable[RawArticle],
    regions: Mapping[str, frozenset[str]],
    request: RankingRequest,
    tagger: Tagger,
) -> dict[str, Sequence[RankedArticles]]:
    """The best stories of each region, best first. `regions` has the countries of each region by its slug."""
    reports = [tag_article(article, tagger) for article in articles if article.seen_at <= request.at]
    stories = dict(enumerate(group_articles(reports, request)))
    owners = {report.article.source for report in reports}
    publishers_order = follows_publishers(owners)
    scores = _score_by_publishers(stories) if publishers_order else _score(stories, reports, request)
    index = StoryIndex(
        [_candidate(number, story, scores[number], request) for number, story in stories.items()],
        regions.__getitem__,
        publishers_order=publishers_order,
    )
    return {region: _rank_region(index, region, request, stories) for region in regions}


def _score(
    stories: Mapping[int, ArticleStory], reports: Sequence[TaggedReport], request: RankingRequest
) -> dict[int, StoryScore]:
    voices = {number: {report.voice for report in story.reports} for number, story in stories.items()}
    trade = specialists((report.voice, report.kind) for report in reports)
    moment = RankingMoment(request.at, request.window, source_standing(voices.values()), trade)
    of_thread: defaultdict[str, set[str]] = defaultdict(set)
    for story in filter(lambda story: story.thread, stories.values()):
        of_thread[story.thread].update(report.voice for report in story.new)
    return {
        number: score_story(
            StoryFacts(
                [_ranked_report(report) for report in story.reports],
                frozenset(story.countries),
                len(of_thread[story.thread] - voices[number]),
            ),
            moment,
        )
        for number, story in stories.items()
    }


def _ranked_report(report: TaggedReport) -> RankedReport:
    article = report.article
    return RankedReport(
        report.voice,
        article.at,
        article.seen_at,
        home=article.home,
        position=article.position,
        kind=report.kind,
        headline=headline_weight(article.title, article.language),
    )


def _score_by_publishers(stories: Mapping[int, ArticleStory]) -> dict[int, StoryScore]:
    numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))  # of the sources
    return score_by_publishers(
        PublishedReport(
            number,
            -report.article.key,  # of articles of one moment, the first stands at the top
            numbers[report.article.source],
            report.article.at,
            report.article.position,
        )
        for number, story in stories.items()
        for report in story.new
    )


def _candidate(number: int, story: ArticleStory, score: StoryScore, request: RankingRequest) -> Candidate:
    start, lead = request.at - request.window, story.new[0].article
    return Candidate(
        id=number,
        version=1,
        first_seen_at=start,
        countries=tuple(
            CountryRelevance(country, weight, start) for country, weight in story.countries.items()
        ),
        owner=lead.source,
        source_count=len({report.voice for report in story.reports}),
        score=score,
        affair=story.thread,
        words=story_words(lead.title, [report.article.title for report in story.new[1:]]),
    )


def _rank_region(
    index: StoryIndex, region: str, request: RankingRequest, stories: Mapping[int, ArticleStory]
) -> Sequence[RankedArticles]:
    start = request.at - request.window
    placed = index.stories_for(region, start).new
    selection = select_stories(index, [region], start=start, max_in_mail=request.most)
    return [
        RankedArticles(
            lead=stories[candidate.id].new[0].article.key,
            articles=tuple(report.article.key for report in stories[candidate.id].reports),
            points=-placed[candidate.id].sort_key,
            why=placed[candidate.id].why(),
        )
        for section in selection.mail
        for candidate in section.stories
    ]
