"""The states of an article and the sources of its date, as they are stored."""

from enum import StrEnum


class ArticleState(StrEnum):
    """Whether an article may go into digests, or why not."""

    RELEASED = ""
    FLOOD = "flood"  # held for an editor: its source brought far more articles than usual
    OLD = "old"  # held for an editor: its source brought many old articles
    DROPPED = "dropped"  # an editor keeps it out of digests


HELD_STATES = (ArticleState.FLOOD, ArticleState.OLD)  # an editor has not decided yet


class CountedBy(StrEnum):
    """What the articles and stories of a day are counted by."""

    REGION = "region"
    SOURCE = "source"


class DateSource(StrEnum):
    """Where an article's date comes from: its publication, its last update, or the moment we first saw it."""

    PUBLISHED = "published"
    UPDATED = "updated"
    SEEN = "seen"


class ArticleKind(StrEnum):
    """What sort of piece an article is. `pure/article_kinds.py` decides it, and an editor can correct it."""

    NEWS = "news"
    ANALYSIS = "analysis"  # explainers, background, interviews on the news
    OPINION = "opinion"  # columns, editorials, letters
    LIVE = "live"  # a page that grows during an event
    ROUNDUP = "roundup"  # several events in one article: briefings, newsletters, reviews of the week
    GALLERY = "gallery"
    VIDEO = "video"  # a film without a written report
    PODCAST = "podcast"
    SPORT = "sport"
    CULTURE = "culture"  # arts, entertainment, celebrities
    LIFESTYLE = "lifestyle"  # travel, food, fashion, health tips, consumer technology
    COMMERCE = "commerce"  # deals, buyers' guides, tests of products
    SPONSORED = "sponsored"  # somebody paid for it
    SERVICE = "service"  # forecasts, horoscopes, lottery numbers, crosswords, opening hours


Kinds = frozenset[ArticleKind]
HARD_NEWS: Kinds = frozenset({ArticleKind.NEWS, ArticleKind.ANALYSIS})  # in every digest
NEVER_MAILED: Kinds = frozenset({ArticleKind.COMMERCE, ArticleKind.SPONSORED})  # whatever anybody chose
# Offered to readers on the form, in this order.
READER_CHOICE = (ArticleKind.SPORT, ArticleKind.CULTURE, ArticleKind.LIFESTYLE, ArticleKind.OPINION)
# What an article is about, in contrast to its form.
SUBJECTS: Kinds = frozenset({ArticleKind.SPORT, ArticleKind.CULTURE, ArticleKind.LIFESTYLE})
# They tell of several events, or of none, and would draw unrelated reports into one story.
NEVER_JOINS: Kinds = NEVER_MAILED | {
    ArticleKind.OPINION,
    ArticleKind.LIVE,
    ArticleKind.ROUNDUP,
    ArticleKind.GALLERY,
    ArticleKind.PODCAST,
    ArticleKind.SERVICE,
}
# They lead a story only if it has no other article.
NEVER_LEADS: Kinds = NEVER_JOINS | {ArticleKind.VIDEO, ArticleKind.ANALYSIS}
