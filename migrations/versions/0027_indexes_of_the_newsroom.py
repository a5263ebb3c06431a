"""indexes of the newsroom: words of articles, their languages, and when subscribers joined and left

On PostgreSQL, articles can't be written while it is made: about a minute for 300,000 articles.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

FTS5 = (
    "create virtual table article_words using fts5(title, text, content='articles', content_rowid='id',"
    " tokenize='unicode61 remove_diacritics 2')",
    "insert into article_words(article_words) values ('rebuild')",
    "create trigger article_words_insert after insert on articles begin"
    " insert into article_words(rowid, title, text) values (new.id, new.title, new.text); end",
    "create trigger article_words_delete after delete on articles begin"
    " insert into article_words(article_words, rowid, title, text) values ('delete', old.id, old.title, old.text); end",
    "create trigger article_words_update after update of title, text on articles begin"
    " insert into article_words(article_words, rowid, title, text) values ('delete', old.id, old.title, old.text);"
    " insert into article_words(rowid, title, text) values (new.id, new.title, new.text); end",
)
GIN = (
    "create index ix_articles_words on articles using gin"
    " (to_tsvector('simple'::regconfig, left(title || ' ' || text, 100000)))"
)
TRIGGERS = ("article_words_insert", "article_words_delete", "article_words_update")


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in FTS5 if is_sqlite else (GIN,):
        op.execute(statement)
    op.create_index("ix_articles_language", "articles", ["language"])
    op.create_index("ix_subscribers_confirmed", "subscribers", ["confirmed_at"])
    op.create_index("ix_subscribers_left", "subscribers", ["left_at"])


def downgrade() -> None:
    op.drop_index("ix_subscribers_left", "subscribers")
    op.drop_index("ix_subscribers_confirmed", "subscribers")
    op.drop_index("ix_articles_language", "articles")
    if op.get_bind().dialect.name == "sqlite":
        for trigger in TRIGGERS:
            op.execute(f"drop trigger {trigger}")
        op.execute("drop table article_words")
    else:
        op.drop_index("ix_articles_words", "articles")
