"""The tables of what was published: articles, the countries and groups they are about, and stories."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from digest.articles.states import ArticleKind, ArticleState, CountedBy, DateSource
from digest.database import Base, StrEnumType, UtcDateTime
from digest.database_stamps import STAMP

NEWS = "news"  # the stamp of the tables that decide what digests show

# PostgreSQL's index of the words of titles and texts. "simple": articles have many languages, and words are searched by
# their beginnings. A tsvector has at most 1 MB.
WORDS_EXPRESSION = "to_tsvector('simple'::regconfig, left(articles.title || ' ' || articles.text, 100000))"
# SQLite's, a table of its own with triggers. A migration that makes the table `articles` anew (a batch) drops the
# triggers, and must make them again.
SQLITE_WORDS = (
    "create virtual table article_words using fts5(title, text, content='articles', content_rowid='id',"
    " tokenize='unicode61 remove_diacritics 2')",
    "create trigger article_words_insert after insert on articles begin"
    " insert into article_words(rowid, title, text) values (new.id, new.title, new.text); end",
    "create trigger article_words_delete after delete on articles begin"
    " insert into article_words(article_words, rowid, title, text) values ('delete', old.id, old.title, old.text); end",
    "create trigger article_words_update after update of title, text on articles begin"
    " insert into article_words(article_words, rowid, title, text) values ('delete', old.id, old.title, old.text);"
    " insert into article_words(rowid, title, text) values (new.id, new.title, new.text); end",
)


class Story(Base):
    """One event, reported by one or more articles. It is new in the window in which its first article was seen."""

    __tablename__ = "stories"
    __table_args__ = (
        Index(
            "ix_stories_thread",
            "thread_id",
            postgresql_where=text("thread_id is not null"),
            sqlite_where=text("thread_id is not null"),
        ),
        Index(
            "ix_stories_released",
            "released_at",
            postgresql_where=text("released_at is not null"),
            sqlite_where=text("released_at is not null"),
        ),
        Index("ix_stories_shown", "shown_at", postgresql_where=text("kept"), sqlite_where=text("kept = 1")),
        {"info": {STAMP: NEWS}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    title_key: Mapped[str] = mapped_column(String(64), index=True)  # hash of the first headline, normalized
    hidden: Mapped[bool] = mapped_column(default=False)
    # When an editor showed a hidden story again: it is new from then on.
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # 0: not pinned. Otherwise the story with the highest number comes first.
    pinned: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=1)  # grows when what a digest would show changes
    merged_into: Mapped[int | None] = mapped_column()  # the story that an editor merged this one into
    kept: Mapped[bool] = mapped_column(default=False)  # a digest has it, and that digest must stay readable
    # The cutoff of the newest edition that has it, to within a day; None: no edition of this version or later has it.
    shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The affair of several days that the story belongs to: the id of its first story. None: it is alone.
    thread_id: Mapped[int | None] = mapped_column()
    # The cutoff of the first edition that had it; test editions do not count. What is new later is a chapter.
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # An editor joined or split it: its articles stay in it.
    settled: Mapped[bool] = mapped_column(default=False, server_default=false())
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when an editor marked it as reviewed

    articles: Mapped[list["Article"]] = relationship(back_populates="story", order_by="Article.id")


class Article(Base):
    """One publication of one source. The row stays when the source no longer lists its entry."""

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("source_id", "guid"),
        Index("ix_articles_story", "story_id"),
        Index("ix_articles_of_source", "source_id", "seen_at"),
        Index("ix_articles_dates", "source_id", "published_at"),
        Index("ix_articles_held", "held", "source_id"),
        Index("ix_articles_language", "language"),
        # What editors corrected, which is little.
        *(
            Index(f"ix_articles_{name}", "id", postgresql_where=text(name), sqlite_where=text(f"{name} = 1"))
            for name in ("retagged", "kind_chosen")
        ),
        {"info": {STAMP: NEWS}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    story_id: Mapped[int | None] = mapped_column(ForeignKey("stories.id", ondelete="SET NULL"))
    url: Mapped[str] = mapped_column(Text, unique=True)  # canonical
    guid: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    # What digests show instead, written by an editor; "": the title. Search, tags and groups go by the title.
    mail_headline: Mapped[str] = mapped_column(Text, default="", server_default="")
    excerpt: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")  # plain text; the tagger reads it
    author: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(35), default="")
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    date_source: Mapped[DateSource] = mapped_column(StrEnumType(DateSource, 16))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    listed_at: Mapped[datetime] = mapped_column(UtcDateTime)  # last listed by its source, to within a day
    content_hash: Mapped[str] = mapped_column(String(64))
    # If the source gave no text, the page is fetched: the time of the last try, and the number of tries.
    page_tried_at: Mapped[datetime | None] = mapped_column("read_at", UtcDateTime)
    page_tries: Mapped[int] = mapped_column("reads", default=0)
    image_url: Mapped[str] = mapped_column(Text, default="")
    image_width: Mapped[int | None] = mapped_column()  # pixels, if the source says it
    image_height: Mapped[int | None] = mapped_column()
    # Its place in its source's own order when the source last listed it; None if the order says nothing.
    position: Mapped[int | None] = mapped_column(SmallInteger)
    # An article that is held or dropped is in no story.
    state: Mapped[ArticleState] = mapped_column(
        "held", StrEnumType(ArticleState, 8), default=ArticleState.RELEASED
    )
    # An editor chose the tags: they stay when the text changes.
    retagged: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[ArticleKind] = mapped_column(
        StrEnumType(ArticleKind, 12), default=ArticleKind.NEWS, server_default=ArticleKind.NEWS
    )
    kind_reason: Mapped[str] = mapped_column(Text, default="", server_default="")  # `KindVerdict.reason`
    kind_chosen: Mapped[bool] = mapped_column(default=False, server_default=false())  # by an editor: it stays
    # Sections and keywords that the source gives, for deciding the kind again.
    categories: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")

    story: Mapped[Story | None] = relationship(back_populates="articles")
    tags: Mapped[list["ArticleTag"]] = relationship(
        back_populates="article", order_by="ArticleTag.weight.desc()", cascade="all, delete-orphan"
    )
    groups: Mapped[list["ArticleGroup"]] = relationship(
        back_populates="article", order_by="ArticleGroup.weight.desc()", cascade="all, delete-orphan"
    )


# For grouping few articles. Without the plus, SQLite reads all in the order of their sources instead
# (https://sqlite.org/optoverview.html, "Disqualifying WHERE Clause Terms").
BY_SOURCE = literal_column("+articles.source_id", Integer())
# For the newest of the articles of some days. Without the plus, both databases look for them among all articles.
BY_ID = literal_column("+articles.id", Integer())


def _after_create(statement: str, dialect: str) -> None:
    """Run a statement after the table of articles is made, on one kind of database. Migration 0027 does the same."""
    ddl = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # SQLAlchemy's has no types
    event.listen(Article.__table__, "after_create", ddl)


for _statement in SQLITE_WORDS:
    _after_create(_statement, "sqlite")
_after_create(
    f"create index ix_articles_words on articles using gin ({WORDS_EXPRESSION.replace('articles.', '')})",
    "postgresql",
)


class DailyNewsCount(Base):
    """How many articles and stories a UTC day that is over brought, about a region or from a source.

    The day's row with the subject "" has all of them; it shows that the day was counted.
    """

    __tablename__ = "daily_news_counts"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # "2026-03-10"
    counted_by: Mapped[CountedBy] = mapped_column(StrEnumType(CountedBy, 16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)  # slug of a region, or id of a source
    articles: Mapped[int]
    stories: Mapped[int]


class ArticleTag(Base):
    """An article is about this country, this strongly, because of these words."""

    __tablename__ = "article_tags"
    __table_args__ = ({"info": {STAMP: NEWS}},)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    weight: Mapped[float]
    # When the article got this tag; None: when it was first seen.
    since: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    article: Mapped[Article] = relationship(back_populates="tags")


class ArticleGroup(Base):
    """An article is about this group of countries as a whole ("eu", "central-asia"), because of these words."""

    __tablename__ = "article_groups"
    __table_args__ = ({"info": {STAMP: NEWS}},)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    region: Mapped[str] = mapped_column(String(40), primary_key=True)  # slug of a region of the tree
    weight: Mapped[float]
    # When the article got this group; None: when it was first seen.
    since: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    article: Mapped[Article] = relationship(back_populates="groups")


class ExclusionUse(Base):
    """An article has words that are excluded for a country, so that they did not count when it was tagged."""

    __tablename__ = "exclusion_uses"
    __table_args__ = (Index("ix_exclusion_uses_exclusion_id", "exclusion_id", "article_id"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    exclusion_id: Mapped[int] = mapped_column(
        ForeignKey("tag_exclusions.id", ondelete="CASCADE"), primary_key=True
    )


class DataStamp(Base):
    """A value that every write of some tables changes; `database_stamps` writes it."""

    __tablename__ = "data_stamps"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(16))


class ArticleToTag(Base):
    """An article that has to be tagged again, because words that it has were excluded and no longer are."""

    __tablename__ = "articles_to_tag"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
