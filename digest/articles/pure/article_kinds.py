"""Decides what kind of piece an article is, from its address, its categories and its title.

A miss is cheaper than a false alarm: a report of hard news that counts as sport is lost to most readers, while an
undetected match report only takes a place in a mail. So a signal of a soft kind has to outweigh what speaks for hard
news. `kind_rules.py` has the rules.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from digest.articles.pure.kind_rules import KindRules, Weight, fold_name, fold_words, load_rules
from digest.articles.states import SUBJECTS, ArticleKind, Kinds

MAX_CATEGORIES = 30  # of an article; some feeds list hundreds of keywords
MAX_CATEGORY_LENGTH = 80  # characters; a longer one is a sentence
MAX_TITLE_LENGTH = 400  # characters that are looked at
MAX_PATH_PARTS = 12
WRITTEN_REPORT = 1_200  # characters of text; what has so many is a report, even if its address says "video"
MAX_LABEL_WORDS = 5
# Of several kinds, the first of these holds: who paid comes before the form, the form before the subject.
ORDER = (
    ArticleKind.SPONSORED,
    ArticleKind.COMMERCE,
    ArticleKind.SERVICE,
    ArticleKind.GALLERY,
    ArticleKind.PODCAST,
    ArticleKind.LIVE,
    ArticleKind.ROUNDUP,
    ArticleKind.OPINION,
    ArticleKind.SPORT,
    ArticleKind.CULTURE,
    ArticleKind.LIFESTYLE,
    ArticleKind.VIDEO,
    ArticleKind.ANALYSIS,
)
# Words of hard news in the title outweigh these kinds. An opinion on a war stays an opinion.
SOFT_KINDS: Kinds = SUBJECTS | {ArticleKind.COMMERCE, ArticleKind.SERVICE}
HARDNESS = {Weight.GRAVE: 2.0, Weight.CIVIC: 0.5}  # 1 outweighs a section alone, 2 a section and a title

LABEL_START = re.compile(r"^\W*(?:\[([^\]]{2,40})\]|\(([^)]{2,40})\)|([^:|]{2,40}?)\s*[:|])\s*(?=\S)")
LABEL_END = re.compile(r"(?:\s[|–—-]\s*|\s*[|–—]\s+)([^|–—:]{2,40})$|[\[(]([^\])]{2,40})[\])]\s*$")
SLUG_ENDING = re.compile(
    r"-(live-updates?|live-blog|liveblog|as-it-happened|in-pictures|photo-gallery|horoscope|quiz|crossword)(?:-[\d-]+)?$"
)
SLUG_KINDS = {
    "in-pictures": ArticleKind.GALLERY,
    "photo-gallery": ArticleKind.GALLERY,
    "horoscope": ArticleKind.SERVICE,
    "quiz": ArticleKind.SERVICE,
    "crossword": ArticleKind.SERVICE,
}  # the other endings are of live blogs


# A headline that asks is no report of what happened. Armenian has its mark within the word.
QUESTION = re.compile(r"[?？؟][\s\"'»”’)\]]*$|[՞]")


class Where(StrEnum):
    """Where the words stand that decided a kind."""

    ADDRESS = "address"
    CATEGORY = "category"
    LABEL = "label"  # in front of the title or behind it
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class KindInput:
    """What is known of an article. `text` is plain text, `language` a BCP 47 tag or ""."""

    title: str
    url: str = ""
    categories: Sequence[str] = ()
    language: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class KindVerdict:
    """A kind and what decided it, as in "address: sport". The reason is "" for news without a sign of another kind."""

    kind: ArticleKind
    reason: str = ""


PLAIN_NEWS = KindVerdict(ArticleKind.NEWS)


@dataclass(frozen=True, slots=True)
class _Signal:
    kind: ArticleKind
    where: Where
    words: str


@dataclass(frozen=True, slots=True)
class _Title:
    """What a title says: signals, the words of hard news, and how much these weigh together."""

    signals: Sequence[_Signal]
    hard_words: Sequence[str]
    hardness: float


@dataclass(frozen=True, slots=True)
class _Sections:
    """What an address or the categories say."""

    signals: tuple[_Signal, ...]
    is_hard: bool  # one of them is a section of hard news
    weak: _Signal | None = None  # a section that is soft if the title does not say otherwise


def trim_categories(categories: Iterable[str]) -> list[str]:
    """The categories that are worth keeping: not too many, and no sentences."""
    return [category for category in categories if 0 < len(category) <= MAX_CATEGORY_LENGTH][:MAX_CATEGORIES]


def classify(article: KindInput) -> KindVerdict:
    """The kind of an article, and why."""
    rules = load_rules()
    title = _read_title(rules, article.title[:MAX_TITLE_LENGTH], article.language)
    address, categories = _address(rules, article.url), _categories(rules, article.categories)
    is_hard_section = address.is_hard or categories.is_hard
    signals = (*title.signals, *address.signals, *(() if is_hard_section else categories.signals))
    by_kind: dict[ArticleKind, list[_Signal]] = {}
    for signal in signals:
        by_kind.setdefault(signal.kind, []).append(signal)
    for kind in filter(by_kind.__contains__, ORDER):
        places = frozenset(signal.where for signal in by_kind[kind])
        if _holds(kind, places, title.hardness, article=article, in_hard_section=address.is_hard):
            first = by_kind[kind][0]
            return KindVerdict(kind, f"{first.where}: {first.words}")
    if (weak := address.weak or categories.weak) and not (title.hardness or is_hard_section):
        return KindVerdict(ArticleKind.LIFESTYLE, f"{weak.where}: {weak.words}")
    is_outweighed = title.hard_words and by_kind.keys() & SOFT_KINDS
    return KindVerdict(ArticleKind.NEWS, f"{Where.TITLE}: {title.hard_words[0]}" if is_outweighed else "")


def _holds(
    kind: ArticleKind, places: frozenset[Where], hardness: float, *, article: KindInput, in_hard_section: bool
) -> bool:
    """Whether the signals of a kind, which stand in these places, outweigh what speaks against it."""
    if kind == ArticleKind.VIDEO:
        return Where.LABEL in places or len(article.text) < WRITTEN_REPORT
    if kind == ArticleKind.COMMERCE and places == {Where.ADDRESS}:
        return not (in_hard_section or hardness)  # "/markets/deals/" has mergers
    if kind not in SOFT_KINDS:
        return True
    if places == {Where.TITLE}:
        return not (in_hard_section or hardness)
    # An address and a category are one statement, that of the publisher's desk.
    return hardness < len({Where.CATEGORY if place == Where.ADDRESS else place for place in places})


def _address(rules: KindRules, url: str) -> _Sections:
    """The sections that an address names: the parts of its path without the last, and the first label of its host."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").partition(".")[0]
    except ValueError:
        return _Sections((), is_hard=False)
    *folders, slug = unquote(parts.path).strip("/").split("/")[:MAX_PATH_PARTS]
    names = [fold_name(folder) for folder in folders]
    signals = [_Signal(kind, Where.ADDRESS, name) for name in names if (kind := rules.section_kind(name))]
    # Of other kinds, host names are too general: "tv.", "life."
    if rules.section_kind(host) == ArticleKind.SPORT:
        signals.append(_Signal(ArticleKind.SPORT, Where.ADDRESS, host))
    if ending := SLUG_ENDING.search(slug.lower()):
        signals.append(_Signal(SLUG_KINDS.get(ending[1], ArticleKind.LIVE), Where.ADDRESS, ending[1]))
    return _about(rules, tuple(signals), Where.ADDRESS, names)


def _categories(rules: KindRules, categories: Sequence[str]) -> _Sections:
    """What the categories say. "Sport/Football" and "Sport > Football" are two each."""
    names = [
        fold_name(part)
        for category in trim_categories(categories)
        for part in re.split(r"[/>|:,;]", category)
    ]
    signals = [_Signal(kind, Where.CATEGORY, name) for name in names if (kind := rules.section_kind(name))]
    return _about(rules, tuple(signals), Where.CATEGORY, names)


def _about(rules: KindRules, signals: tuple[_Signal, ...], where: Where, names: Sequence[str]) -> _Sections:
    weak = next(
        (_Signal(ArticleKind.LIFESTYLE, where, name) for name in names if name in rules.weak_sections), None
    )
    return _Sections(signals, any(name in rules.hard_sections for name in names), weak)


def _read_title(rules: KindRules, title: str, language: str) -> _Title:
    folded, matcher = fold_words(title), rules.matcher(language)
    signals = list(_labels(rules, title))
    hard_words: dict[str, Weight] = {}
    for meaning, words in matcher.phrases.find(folded.split()):
        if isinstance(meaning, ArticleKind):
            signals.append(_Signal(meaning, Where.TITLE, words))
        else:
            hard_words[words] = meaning
    for kind, pattern in matcher.patterns:
        if found := pattern.search(title):
            signals.append(_Signal(kind, Where.TITLE, found))
    if question := QUESTION.search(title):
        signals.append(_Signal(ArticleKind.ANALYSIS, Where.TITLE, question[0].strip()))
    return _Title(signals, tuple(hard_words), sum(HARDNESS[weight] for weight in hard_words.values()))


def _labels(rules: KindRules, title: str) -> Iterator[_Signal]:
    """Labels in front of a title or behind it, or a title that is nothing but a label ("Morning briefing")."""
    matches = (LABEL_START.search(title), LABEL_END.search(title))
    texts = [next(filter(None, match.groups()), "") for match in matches if match]
    for label in map(fold_name, (*texts, title)):
        if len(label.split()) <= MAX_LABEL_WORDS and (kind := rules.labels.get(label)):
            yield _Signal(kind, Where.LABEL, label)
