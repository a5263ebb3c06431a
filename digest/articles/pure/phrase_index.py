"""Finds phrases in a title by their first words: an alternation of a thousand phrases would take half a millisecond."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

Meaning = TypeVar("Meaning")
STEM_MARK = "*"  # at the end of a phrase: any ending


class Match(NamedTuple, Generic[Meaning]):
    """What a phrase means, and the words of the title that are the phrase."""

    meaning: Meaning
    words: str


class _Phrase(NamedTuple, Generic[Meaning]):
    rest: tuple[str, ...]  # the words after the first one
    is_stem: bool  # the last word of it may have any ending
    meaning: Meaning


class PhraseIndex(Generic[Meaning]):
    """Phrases of folded words with their meanings. A phrase that ends in "*" also stands for longer last words."""

    def __init__(self, phrases: Iterable[tuple[str, Meaning]]) -> None:
        self._by_first_word: defaultdict[str, list[_Phrase[Meaning]]] = defaultdict(list)
        self._by_stem: dict[str, Meaning] = {}
        for text, meaning in phrases:
            first, *rest = text.rstrip(STEM_MARK).split()
            if text.endswith(STEM_MARK) and not rest:
                self._by_stem[first] = meaning
            else:
                self._by_first_word[first].append(_Phrase(tuple(rest), text.endswith(STEM_MARK), meaning))
        self._stem_lengths = sorted({len(stem) for stem in self._by_stem})

    def find(self, words: Sequence[str]) -> Iterator[Match[Meaning]]:
        """Every phrase among the words of a title, in the order of the title."""
        for position, word in enumerate(words):
            for phrase in self._by_first_word.get(word, ()):
                end = position + 1 + len(phrase.rest)
                if _fits(words[position + 1 : end], phrase):
                    yield Match(phrase.meaning, " ".join(words[position:end]))
            for length in self._stem_lengths:
                if length > len(word):
                    break
                if (meaning := self._by_stem.get(word[:length])) is not None:
                    yield Match(meaning, word)


def _fits(words: Sequence[str], phrase: _Phrase[Meaning]) -> bool:
    if not phrase.is_stem:
        return tuple(words) == phrase.rest
    return (
        len(words) == len(phrase.rest)
        and tuple(words[:-1]) == phrase.rest[:-1]
        and words[-1].startswith(phrase.rest[-1])
    )
