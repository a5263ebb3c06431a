"""Rank generated news of a day: all steps of `dateline editions rank`, and the parts that ranking adds to composing.

Prints one JSON line, in seconds of CPU: tagging, grouping and ranking so many articles for six regions; scoring so many
stories; arranging the world's stories with diversity, and without. Real news are scored as docs/quality.md says.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from benchmarks import sample_headlines
from digest.articles.pure.headline_words import headline_words
from digest.editions.pure.article_ranking import rank_articles
from digest.editions.pure.article_stories import RankingRequest, RawArticle
from digest.editions.pure.ranking import (
    RankedReport,
    RankingMoment,
    StoryFacts,
    score_story,
    source_standing,
)
from digest.editions.pure.selection import Candidate, CountryRelevance, StoryIndex
from digest.regions import gazetteer
from digest.regions.tree import region_tree

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)
DAY = timedelta(days=1)
REGIONS = ("world", "europe", "western-asia", "southern-asia", "eastern-asia", "northern-america")
SOURCES = 40
TREE = region_tree.load()
COUNTRIES = sorted(TREE.countries_of(["world"]))


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=1300)
    options.add_argument("--stories", type=int, default=3000)
    args = options.parse_args()
    rng = random.Random(20261122)  # noqa: S311  (the same data every time)
    articles = [_article(number, rng) for number in range(args.articles)]
    regions = {slug: TREE.countries_of([slug]) for slug in REGIONS}
    tagger = gazetteer.tagger()
    tagger.tag("Snow in Almaty", "")  # loads the gazetteer
    facts = [_facts(rng) for _ in range(args.stories)]
    candidates = [_candidate(number, story, rng) for number, story in enumerate(facts)]
    figures = {
        "rank_articles_s": _seconds(lambda: rank_articles(articles, regions, RankingRequest(AT, 15), tagger)),
        "score_stories_s": _seconds(lambda: _score(facts)),
        "arrange_world_s": _seconds(lambda: _index(candidates).stories_for("world", AT - DAY)),
        "without_diversity_s": _seconds(
            lambda: _index(candidates, publishers_order=True).stories_for("world", AT - DAY)
        ),
    }
    print(json.dumps({"benchmark": "ranking", **vars(args), **figures}))


def _seconds(work: Callable[[], object]) -> float:
    """The seconds of CPU time that the work takes in this process; other processes do not count."""
    start = time.process_time()
    work()
    return round(time.process_time() - start, 4)


def _article(number: int, rng: random.Random) -> RawArticle:
    """An article that was seen in the last two days; every third one tells what another one does."""
    seen_at = AT - timedelta(hours=rng.uniform(0, 48))
    title = sample_headlines.random_headline(rng, number if number % 3 else number // 10)
    return RawArticle(
        key=number,
        source=f"Source {rng.randrange(SOURCES)}",
        title=title,
        text=sample_headlines.SENTENCE * 2,
        seen_at=seen_at,
        published_at=seen_at - timedelta(minutes=rng.uniform(0, 90)),
        home=rng.choice(["", *COUNTRIES]),
        position=rng.choice([None, rng.randint(1, 30)]),
        language="en",
    )


def _facts(rng: random.Random) -> StoryFacts:
    moments = [AT - timedelta(hours=rng.uniform(0, 36)) for _ in range(rng.choice([1, 1, 1, 1, 2, 5]))]
    reports = [RankedReport(f"s{rng.randrange(SOURCES)}", moment, moment) for moment in moments]
    return StoryFacts(reports, frozenset(rng.sample(COUNTRIES, 2)), rng.randrange(5))


def _score(facts: list[StoryFacts]) -> list[float]:
    standing = source_standing([report.voice for report in story.reports] for story in facts)
    moment = RankingMoment(AT, DAY, standing)
    return [score_story(story, moment).points for story in facts]


def _candidate(number: int, story: StoryFacts, rng: random.Random) -> Candidate:
    return Candidate(
        id=number,
        version=1,
        first_seen_at=AT - timedelta(hours=12),
        countries=tuple(
            CountryRelevance(country, 1.0, AT - timedelta(hours=12)) for country in story.countries
        ),
        owner=f"s{rng.randrange(SOURCES)}",
        source_count=len(story.reports),
        score=score_story(story, RankingMoment(AT, DAY)),
        affair=rng.randrange(2000),
        words=headline_words(sample_headlines.random_headline(rng, number)),
    )


def _index(candidates: list[Candidate], *, publishers_order: bool = False) -> StoryIndex:
    return StoryIndex(candidates, lambda slug: TREE.countries_of([slug]), publishers_order=publishers_order)


if __name__ == "__main__":
    main()
