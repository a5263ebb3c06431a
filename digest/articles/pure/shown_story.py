"""What a digest shows of a story: its lead article, and the other sources that report it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from digest.articles.pure.duplicate_keys import title_key
from digest.articles.pure.headline_words import typicality
from digest.articles.pure.story_kinds import may_lead, story_kind
from digest.articles.states import ArticleKind
from digest.i18n.locales import primary_subtag

FRESHNESS_STEP = timedelta(hours=6)  # articles of one such step are equally recent
MIN_EXCERPT = 40  # characters; less says no more than the headline


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """One article as a digest shows it."""

    article_id: int
    source_id: int
    source: str
    title: str
    url: str
    excerpt: str
    published_at: datetime
    language: str = ""  # BCP 47; "" if the source does not say
    image: str = ""  # address of its picture
    image_width: int | None = None  # pixels, if the source says it
    image_height: int | None = None
    kind: ArticleKind = ArticleKind.NEWS
    trust: float = 1.0  # the weight that an editor gave its source
    reported_title: str = ""  # the source's own, if an editor wrote `title`

    @property
    def source_title(self) -> str:
        """The headline that the source wrote. What a story is about, and how it ranks, goes by it."""
        return self.reported_title or self.title


@dataclass(frozen=True, slots=True)
class ShownStory:
    """A story as a digest shows it: its lead article, then one article of each other source."""

    id: int
    version: int
    first_seen_at: datetime
    hidden: bool
    lead: ShownArticle
    also_in: tuple[ShownArticle, ...]
    countries: tuple[str, ...]  # the strongest first
    kind: ArticleKind = ArticleKind.NEWS
    is_multilingual: bool = False  # whether its reports are in several languages
    report_order: tuple[int, ...] = ()  # ids of the articles, if the order differs from reader to reader


@dataclass(frozen=True, slots=True)
class StoryContents:
    """All articles of a story, and the countries that it is about, the strongest first."""

    articles: tuple[ShownArticle, ...]
    countries: tuple[str, ...]


class LeadKey(NamedTuple):
    """What decides which article leads, the most important first; the smallest leads."""

    never_leads: bool
    other_language: bool
    no_edited_title: bool  # an editor wrote the headline for this report to be seen
    no_news: bool
    is_copy: bool
    only_headline: bool
    distrust: float
    age: int  # in steps of FRESHNESS_STEP, behind the newest
    oddness: float  # the less its headline has in common with those of the other reports
    minus_article_id: int


def build_shown_story(
    story_id: int,
    version: int,
    first_seen_at: datetime,
    *,
    hidden: bool,
    contents: StoryContents,
) -> ShownStory:
    """The story as a digest shows it, led by its best article (see `lead_order`)."""
    ranked = lead_order(contents.articles)
    lead, others = ranked[0], {article.source_id: article for article in reversed(ranked[1:])}
    also_in = tuple(article for source, article in sorted(others.items()) if source != lead.source_id)
    shown = (lead, *also_in)
    return ShownStory(
        story_id,
        version,
        first_seen_at,
        hidden,
        lead,
        also_in,
        contents.countries,
        kind=story_kind([article.kind for article in shown]),  # each source counts once
        is_multilingual=len({primary_subtag(article.language) for article in shown}) > 1,
    )


def lead_order(articles: Sequence[ShownArticle], languages: Sequence[str] = ()) -> list[ShownArticle]:
    """The articles of a story, the one that should lead first.

    Kinds that may lead come before others, the reader's languages before others, reports whose headline an editor wrote
    before others, news before analysis and live blogs, original articles before copies of them, articles with an
    excerpt before bare headlines, and more trusted sources before others. Then the newest day part leads; in it the
    article whose headline says what most of the others say, and of equal ones the newest: the first report of an event
    has the fewest facts.
    """
    newest = max((article.published_at for article in articles), default=None)
    originals: dict[str, int] = {}
    for article in sorted(articles, key=lambda one: (one.published_at, one.article_id)):
        originals.setdefault(title_key(article.source_title) or str(article.article_id), article.article_id)
    newest_first = sorted(articles, key=lambda one: one.published_at, reverse=True)
    typical = dict(
        zip(
            [article.article_id for article in newest_first],
            typicality([article.source_title for article in newest_first]),
            strict=True,
        )
    )

    def lead_key(article: ShownArticle) -> LeadKey:
        age = (newest - article.published_at) // FRESHNESS_STEP if newest else 0
        return LeadKey(
            not may_lead(article.kind),
            bool(languages) and primary_subtag(article.language) not in languages,
            not article.reported_title,
            article.kind != ArticleKind.NEWS,
            article.article_id not in originals.values(),
            len(article.excerpt) < MIN_EXCERPT,
            -article.trust,
            age,
            -typical[article.article_id],
            -article.article_id,
        )

    return sorted(articles, key=lead_key)
