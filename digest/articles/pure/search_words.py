"""The words of a search over articles, as each database wants them: all must be there, if only as a beginning."""

import re
from collections.abc import Sequence

MAX_WORDS = 8  # more words narrow a search no further
MAX_WORD_LENGTH = 40
WORD = re.compile(r"\w+")


def search_words(text: str) -> tuple[str, ...]:
    """The words of a text that somebody typed. The databases fold their case, each as it did in its index."""
    return tuple(word[:MAX_WORD_LENGTH] for word in WORD.findall(text)[:MAX_WORDS])


def fts5_query(words: Sequence[str]) -> str:
    """The words for SQLite's FTS5 (https://sqlite.org/fts5.html#full_text_query_syntax)."""
    return " ".join(f'"{word}"*' for word in words)


def tsquery(words: Sequence[str]) -> str:
    """The words for PostgreSQL's `to_tsquery`."""
    return " & ".join(f"'{word}':*" for word in words)
