"""Keys that are equal for headlines or texts that are the same word for word."""

import hashlib
import re
import unicodedata

MIN_TITLE_WORDS = 4  # shorter headlines ("Live updates") are used again and again
MIN_TEXT_WORDS = 30  # shorter texts ("Read more at our site.") are used again and again


def title_key(title: str) -> str:
    """A key that headlines share if they differ only in case, punctuation or width; "" if there are too few words."""
    return _hash_words(title, MIN_TITLE_WORDS)


def text_key(text: str) -> str:
    """A key that copies of one text share, such as a news agency's in several papers; "" if it has too few words."""
    return _hash_words(text, MIN_TEXT_WORDS)


def _hash_words(text: str, min_words: int) -> str:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return hashlib.sha256(" ".join(words).encode()).hexdigest() if len(words) >= min_words else ""
