"""How alike the texts of a window are: TF-IDF over their words, and the cosine of each two."""

import math
import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

TEXT_READ = 5_000  # characters; what comes later in a report is background that many events share
TITLE_COUNTS = 2  # times: a headline names the event
COMMON = 0.1  # of the texts; words of more than that find no candidates, but count once a pair is looked at
FEW = 25  # texts; a word of so few is never too common
WORTH_A_LOOK = (
    0.04  # of the likeness must come from words that are not common; below it no pair reached LIKE's bound
)
TELLING = 4  # different words at least; "Live updates" is said of everything
BARE = 15  # different words; a headline has some 8, and two headlines share half of them by the kind of event alone
SPACELESS = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])")
WORD = re.compile(r"[^\W_]+")

Terms = Mapping[str, float]  # word: 1 + the logarithm of how often it is there


def terms(title: str, text: str) -> Terms:
    """What a report is compared by: its words, the headline's twice. Scripts without spaces count by character."""
    whole = f"{(title + ' ') * TITLE_COUNTS}{text[:TEXT_READ]}"
    folded = unicodedata.normalize("NFKC", whole).casefold()
    words = WORD.findall(SPACELESS.sub(r" \1 ", folded))
    counts = Counter(word for word in words if len(word) > 1 or SPACELESS.match(word))
    return {word: 1 + math.log(count) for word, count in counts.items()}


@dataclass(frozen=True, slots=True)
class _Vector:
    """A text's terms, packed: 8 octets each instead of some 100."""

    key: int
    words: "array[int]"
    counts: "array[float]"


@dataclass(slots=True)
class Window:
    """The texts of the last days, indexed by word. Only what is asked about is ever compared with all of them."""

    _vectors: list[_Vector] = field(default_factory=list)
    _places: dict[int, int] = field(default_factory=dict)
    _vocabulary: dict[str, int] = field(default_factory=dict)
    _postings: defaultdict[int, "array[int]"] = field(default_factory=lambda: defaultdict(lambda: array("I")))

    def __len__(self) -> int:
        return len(self._vectors)

    def __contains__(self, key: int) -> bool:
        return key in self._places

    def add(self, key: int, words: Terms) -> None:
        """Take in a text under a key of its own."""
        ids = array("I", (self._vocabulary.setdefault(word, len(self._vocabulary)) for word in words))
        self._index(_Vector(key, ids, array("f", words.values())))

    def forget_all_but(self, keys: Iterable[int]) -> None:
        """Let go of all other texts."""
        kept = set(keys)
        names = {number: word for word, number in self._vocabulary.items()}
        old, self._vectors = self._vectors, []
        self._places, self._vocabulary = {}, {}
        self._postings.clear()
        for vector in old:
            if vector.key in kept:
                words = (names[number] for number in vector.words)
                self.add(vector.key, dict(zip(words, vector.counts, strict=True)))

    @contextmanager
    def trying(self, texts: Mapping[int, Terms]) -> Iterator[None]:
        """Have texts in the window for as long as it takes to place them."""
        for key, words in texts.items():
            self.add(key, words)
        try:
            yield
        finally:
            for _ in texts:
                self._take_back()

    def alike(self, keys: Sequence[int], least: float, *, bare: float) -> dict[tuple[int, int], float]:
        """The pairs, of one of these and any other, whose cosine is at least `least`, or `bare` where one is little
        more than a headline; the smaller key first."""
        idf = self._idf()
        weights = {place: self._weights(place, idf) for place in (self._places[key] for key in keys)}
        norms: dict[int, float] = {}
        found: dict[tuple[int, int], float] = {}
        for place, own in weights.items():
            norm = _norm(own.values()) if len(own) >= TELLING else 0.0
            for other, partly in self._sharing(place, own, idf).items():
                if other not in norms:
                    norms[other] = self._norm_of(other, idf)
                scale = norm * norms[other]
                if partly >= WORTH_A_LOOK * scale > 0:
                    likeness = self._dot(own, other, idf) / scale
                    if likeness >= (bare if self._is_bare(place) or self._is_bare(other) else least):
                        pair = sorted((self._vectors[place].key, self._vectors[other].key))
                        found[pair[0], pair[1]] = likeness
        return found

    def _is_bare(self, place: int) -> bool:
        return len(self._vectors[place].words) < BARE

    def _index(self, vector: _Vector) -> None:
        place = len(self._vectors)
        self._vectors.append(vector)
        self._places[vector.key] = place
        for word in vector.words:
            self._postings[word].append(place)

    def _take_back(self) -> None:
        vector = self._vectors.pop()
        del self._places[vector.key]
        for word in vector.words:
            self._postings[word].pop()

    def _idf(self) -> dict[int, float]:
        total = len(self._vectors) + 1
        return {w: max(0.0, math.log(total / (len(p) + 0.5))) for w, p in self._postings.items() if p}

    def _weights(self, place: int, idf: Mapping[int, float]) -> dict[int, float]:
        vector = self._vectors[place]
        return {word: count * idf[word] for word, count in zip(vector.words, vector.counts, strict=True)}

    def _sharing(self, place: int, own: Mapping[int, float], idf: Mapping[int, float]) -> dict[int, float]:
        """The texts with an uncommon word in common, each with an upper estimate's share of the product."""
        most = max(FEW, COMMON * len(self._vectors))
        shared: defaultdict[int, float] = defaultdict(float)
        for word, weight in own.items():
            postings = self._postings[word]
            if len(postings) <= most:
                product = weight * idf[word]
                for other in postings:
                    shared[other] += product
        shared.pop(place, None)
        return shared

    def _norm_of(self, place: int, idf: Mapping[int, float]) -> float:
        vector = self._vectors[place]
        return _norm(count * idf[word] for word, count in zip(vector.words, vector.counts, strict=True))

    def _dot(self, own: Mapping[int, float], other: int, idf: Mapping[int, float]) -> float:
        vector = self._vectors[other]
        return sum(
            own[word] * count * idf[word]
            for word, count in zip(vector.words, vector.counts, strict=True)
            if word in own
        )


def _norm(weights: Iterable[float]) -> float:
    return math.sqrt(sum(weight * weight for weight in weights))
