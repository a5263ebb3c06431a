"""How similar the texts of a window are: TF-IDF over their words, and the cosine of two texts."""

import math
import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

MAX_COMPARED_LENGTH = 5_000  # characters; what follows is background that many events share
TITLE_WEIGHT = 2  # times: a headline names the event
# Words in more than this share of the texts are not used to find candidates, only to compare a pair.
COMMON_WORD_SHARE = 0.1
MAX_UNCOMMON_TEXTS = 25  # a word in this many texts or fewer is never too common
# Words that are not common must contribute at least this much to the cosine, by an estimate: no pair with less ever
# reached the threshold.
MIN_RARE_WORD_COSINE = 0.04
# Different words that a text needs so that its pairs are looked for; a shorter one ("Live updates") fits any event.
MIN_TERMS = 4
# Texts with fewer different words are little more than a headline. A headline has some 8, and two headlines share half
# of them even if only the kind of event is the same.
HEADLINE_ONLY_TERMS = 15
UNSPACED_CHARACTER = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])")
WORD = re.compile(r"[^\W_]+")

Terms = Mapping[str, float]  # by word: 1 + the logarithm of how often the text has it


def weigh_terms(title: str, text: str) -> Terms:
    """The words of an article with their weights; those of the headline count twice.

    In scripts without spaces each character is a word.
    """
    whole = f"{(title + ' ') * TITLE_WEIGHT}{text[:MAX_COMPARED_LENGTH]}"
    folded = unicodedata.normalize("NFKC", whole).casefold()
    words = WORD.findall(UNSPACED_CHARACTER.sub(r" \1 ", folded))
    counts = Counter(word for word in words if len(word) > 1 or UNSPACED_CHARACTER.match(word))
    return {word: 1 + math.log(count) for word, count in counts.items()}


@dataclass(frozen=True, slots=True)
class _Vector:
    """The terms of a text, packed in 8 octets for each: the number of the word, and its weight."""

    key: int
    words: "array[int]"
    weights: "array[float]"


@dataclass(slots=True)
class SimilarityIndex:
    """The texts of the last days, indexed by word. Texts are compared only when `similar_pairs` asks for them."""

    _vectors: list[_Vector] = field(default_factory=list)
    _positions: dict[int, int] = field(default_factory=dict)  # in `_vectors`, by key
    _vocabulary: dict[str, int] = field(default_factory=dict)  # the numbers of words
    # By the number of a word, the positions of the texts that have it.
    _postings: defaultdict[int, "array[int]"] = field(default_factory=lambda: defaultdict(lambda: array("I")))

    def __len__(self) -> int:
        return len(self._vectors)

    def __contains__(self, key: int) -> bool:
        return key in self._positions

    def add(self, key: int, terms: Terms) -> None:
        """Add a text. Its key must not be in the index yet."""
        ids = array("I", (self._vocabulary.setdefault(word, len(self._vocabulary)) for word in terms))
        self._index(_Vector(key, ids, array("f", terms.values())))

    def keep_only(self, keys: Iterable[int]) -> None:
        """Remove all texts but these."""
        keys_to_keep = set(keys)
        words_by_number = {number: word for word, number in self._vocabulary.items()}
        old, self._vectors = self._vectors, []
        self._positions, self._vocabulary = {}, {}
        self._postings.clear()
        for vector in old:
            if vector.key in keys_to_keep:
                words = (words_by_number[number] for number in vector.words)
                self.add(vector.key, dict(zip(words, vector.weights, strict=True)))

    @contextmanager
    def temporarily_adding(self, texts: Mapping[int, Terms]) -> Iterator[None]:
        """Have these texts in the index until the end of the `with` block."""
        for key, terms in texts.items():
            self.add(key, terms)
        try:
            yield
        finally:
            for _ in texts:
                self._remove_last()

    def similar_pairs(
        self, keys: Sequence[int], threshold: float, *, headline_threshold: float
    ) -> dict[tuple[int, int], float]:
        """The similar pairs of one of these texts and any other text, with their cosine; the smaller key first.

        The cosine is at least `threshold`, or `headline_threshold` if one of the two is little more than a headline.
        """
        idf = self._idf()
        weights = {
            position: self._weights(position, idf) for position in (self._positions[key] for key in keys)
        }
        norms: dict[int, float] = {}
        pairs: dict[tuple[int, int], float] = {}
        for position, text_weights in weights.items():
            norm = _norm(text_weights.values()) if len(text_weights) >= MIN_TERMS else 0.0
            for other, rare_product in self._rare_word_products(position, text_weights, idf).items():
                if other not in norms:
                    norms[other] = self._norm_of(other, idf)
                scale = norm * norms[other]
                if rare_product >= MIN_RARE_WORD_COSINE * scale > 0:
                    cosine = self._dot(text_weights, other, idf) / scale
                    short = self._is_headline_only(position) or self._is_headline_only(other)
                    if cosine >= (headline_threshold if short else threshold):
                        pair = sorted((self._vectors[position].key, self._vectors[other].key))
                        pairs[pair[0], pair[1]] = cosine
        return pairs

    def _is_headline_only(self, position: int) -> bool:
        return len(self._vectors[position].words) < HEADLINE_ONLY_TERMS

    def _index(self, vector: _Vector) -> None:
        position = len(self._vectors)
        self._vectors.append(vector)
        self._positions[vector.key] = position
        for word in vector.words:
            self._postings[word].append(position)

    def _remove_last(self) -> None:
        vector = self._vectors.pop()
        del self._positions[vector.key]
        for word in vector.words:
            self._postings[word].pop()

    def _idf(self) -> dict[int, float]:
        total = len(self._vectors) + 1
        return {
            word: max(0.0, math.log(total / (len(postings) + 0.5)))
            for word, postings in self._postings.items()
            if postings
        }

    def _weights(self, position: int, idf: Mapping[int, float]) -> dict[int, float]:
        vector = self._vectors[position]
        return {word: weight * idf[word] for word, weight in zip(vector.words, vector.weights, strict=True)}

    def _rare_word_products(
        self, position: int, weights: Mapping[int, float], idf: Mapping[int, float]
    ) -> dict[int, float]:
        """The texts that share an uncommon word, each with an estimate of the dot product of those words.

        The estimate counts each word of the other text once.
        """
        max_texts = max(MAX_UNCOMMON_TEXTS, COMMON_WORD_SHARE * len(self._vectors))
        products: defaultdict[int, float] = defaultdict(float)
        for word, weight in weights.items():
            postings = self._postings[word]
            if len(postings) <= max_texts:
                product = weight * idf[word]
                for other in postings:
                    products[other] += product
        products.pop(position, None)
        return products

    def _norm_of(self, position: int, idf: Mapping[int, float]) -> float:
        vector = self._vectors[position]
        return _norm(weight * idf[word] for word, weight in zip(vector.words, vector.weights, strict=True))

    def _dot(self, weights: Mapping[int, float], other: int, idf: Mapping[int, float]) -> float:
        vector = self._vectors[other]
        return sum(
            weights[word] * weight * idf[word]
            for word, weight in zip(vector.words, vector.weights, strict=True)
            if word in weights
        )


def _norm(weights: Iterable[float]) -> float:
    return math.sqrt(sum(weight * weight for weight in weights))
