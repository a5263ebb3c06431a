"""What a digest shows of a story: its lead article, and the other sources that report it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# How long a story takes articles. Later, the same headline is another event ("Markets close higher").
STORY_WINDOW = timedelta(hours=48)


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
    report_order: tuple[
        int, ...
    ] = ()  # ids of the articles in their order, if it differs from reader to reader


@dataclass(frozen=True, slots=True)
class StoryContents:
    """All articles of a story, and the countries that it is about, the strongest first."""

    articles: tuple[ShownArticle, ...]
    countries: tuple[str, ...]


def build_shown_story(
    story_id: int, version: int, first_seen_at: datetime, *, hidden: bool, contents: StoryContents
) -> ShownStory:
    """The story as a digest shows it. Its lead is the article with the longest excerpt; on a tie, the first."""
    ranked = sorted(contents.articles, key=lambda article: (-len(article.excerpt), article.article_id))
    lead, others = ranked[0], {article.source_id: article for article in reversed(ranked[1:])}
    also_in = tuple(article for source, article in sorted(others.items()) if source != lead.source_id)
    return ShownStory(story_id, version, first_seen_at, hidden, lead, also_in, contents.countries)
