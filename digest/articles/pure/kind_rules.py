"""The rules by which the kind of an article is decided: names of sections, and forms of titles, as data.

`data/sections.toml` has names that stand in addresses and categories; `data/languages/` has a file for each language,
with its names of sections, its labels and phrases of titles, and its words of hard news.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from digest.articles.pure.phrase_index import STEM_MARK, PhraseIndex
from digest.articles.pure.title_patterns import TitlePattern, compile_forms
from digest.articles.states import ArticleKind
from digest.regions.pure.text_folding import lookup_key

DATA = Path(__file__).parent.parent / "data"
# The tables of sections that hold hard news, and of those that are soft unless the title says otherwise.
HARD_SECTIONS, WEAK_LIFESTYLE, FILLERS = "news", "weak_lifestyle", "fillers"
MAX_COMPOUND_WORDS = 3  # in a longer part of a path, the last word says little about the section
# Kinds that may be taken from the last word of a compound, as in "hong-kong-opinion".
COMPOUND_KINDS = frozenset(
    {ArticleKind.SPORT, ArticleKind.CULTURE, ArticleKind.LIFESTYLE, ArticleKind.OPINION, ArticleKind.ANALYSIS}
)
# The dot that stays of a Turkish İ, Arabic vowel signs, and the tatweel.
MARKS = re.compile("[\u0307\u0640\u064b-\u0652]")
NOT_WORD = re.compile(r"[\W_]+")
# Letters that are typed for each other: Turkish ı and i, Russian ё and е, Arabic and Persian yeh and kaf.
SAME_LETTERS = str.maketrans("ıёيكى", "iеیکی")
# A phrase of these languages in a title of another language still means the same: "Premier League", "Live updates".
SPOKEN_EVERYWHERE = ("en",)


class Weight(StrEnum):
    """How much a word of hard news weighs against a soft kind."""

    GRAVE = "grave"  # violence, crime, disasters: as much as a section and a title that say otherwise
    CIVIC = "civic"  # politics: a quarter of that, because sports bodies and film prizes have elections and bans too


@dataclass(frozen=True, slots=True)
class TitleRules:
    """What one language says in titles. Phrases are of folded words; patterns are searched in titles as they are."""

    phrases: Sequence[tuple[str, ArticleKind | Weight]]
    patterns: Sequence[tuple[ArticleKind, TitlePattern]]
    routine: str  # a regular expression for folded titles


@dataclass(frozen=True, slots=True)
class TitleMatcher:
    """The title rules of some languages together."""

    phrases: PhraseIndex[ArticleKind | Weight]
    patterns: Sequence[tuple[ArticleKind, TitlePattern]]
    routine: re.Pattern[str]  # prices of a day and companies' figures, in folded titles


@dataclass(frozen=True)
class KindRules:
    """All rules. `sections` and `labels` hold names of every language, folded.

    `titles` are the tables of titles by language, as the files have them: compiling takes long, and few are needed.
    """

    sections: Mapping[str, ArticleKind]
    hard_sections: frozenset[str]
    weak_sections: frozenset[str]  # lifestyle, if nothing in the title speaks for hard news
    fillers: frozenset[str]
    labels: Mapping[str, ArticleKind]
    titles: Mapping[str, Mapping[str, Any]]
    _matchers: dict[str, TitleMatcher] = field(default_factory=dict)

    def section_kind(self, name: str) -> ArticleKind | None:
        """The kind of articles in a section with this (folded) name; None if it holds hard news or is not known."""
        if (kind := self.sections.get(name)) is not None or name in self.hard_sections:
            return kind
        words = name.split()
        core = [word for word in words if word not in self.fillers]
        if len(core) < len(words) and core:
            kind = self.section_kind(" ".join(core))
            # "live-news" is what some call their wire reports.
            return None if kind == ArticleKind.LIVE else kind
        if 1 < len(words) <= MAX_COMPOUND_WORDS:
            kind = self.sections.get(words[-1])
            return kind if kind in COMPOUND_KINDS else None
        return None

    def matcher(self, language: str) -> TitleMatcher:
        """The title rules for a BCP 47 tag: those of its language and of English; all if the language is not known."""
        code = language.partition("-")[0].lower()
        codes = (
            [name for name in dict.fromkeys((code, *SPOKEN_EVERYWHERE)) if name in self.titles]
            if code
            else list(self.titles)
        )
        key = " ".join(codes)
        if key not in self._matchers:
            rules = [_title_rules(self.titles[name]) for name in codes]
            self._matchers[key] = TitleMatcher(
                PhraseIndex(phrase for one in rules for phrase in one.phrases),
                [pattern for one in rules for pattern in one.patterns],
                re.compile("|".join(one.routine for one in rules)),
            )
        return self._matchers[key]


def fold_name(text: str) -> str:
    """`text` as names of sections and labels are compared: small letters without accents, since addresses have none."""
    return fold_words(text if text.isascii() else lookup_key(text))


def fold_words(text: str) -> str:
    """`text` as phrases are compared: small letters, single blanks, no punctuation. Accents stay.

    In Turkish and Azerbaijani they make other words: "öldü" is "died", "oldu" is "became".
    """
    if text.isascii():  # most names of sections and half of the titles; the result is the same
        return " ".join(NOT_WORD.sub(" ", text.lower()).split())
    folded = MARKS.sub("", unicodedata.normalize("NFKC", text).casefold()).translate(SAME_LETTERS)
    return " ".join(NOT_WORD.sub(" ", folded).split())


@cache
def load_rules() -> KindRules:
    """The rules of the data files. Raises ValueError if a name stands for two kinds."""
    common = _read(DATA / "sections.toml")["sections"]
    languages = {path.stem: _read(path) for path in sorted((DATA / "languages").glob("*.toml"))}
    tables = [common, *(language["sections"] for language in languages.values())]
    sections, labels = _Names(), _Names()
    for table in tables:
        sections.add(
            {
                name: names
                for name, names in table.items()
                if name not in {HARD_SECTIONS, WEAK_LIFESTYLE, FILLERS}
            }
        )
    for language in languages.values():
        labels.add(language["labels"])
    return KindRules(
        sections=sections.kinds,
        hard_sections=_folded(tables, HARD_SECTIONS) - sections.kinds.keys(),
        weak_sections=_folded(tables, WEAK_LIFESTYLE) - sections.kinds.keys(),
        fillers=frozenset(common[FILLERS]),
        labels=labels.kinds,
        titles=languages,
    )


def _folded(tables: Sequence[Mapping[str, Sequence[str]]], name: str) -> frozenset[str]:
    return frozenset(fold_name(section) for table in tables for section in table.get(name, ()))


class _Names:
    """Names of kinds, folded. A name stands for one kind."""

    def __init__(self) -> None:
        self.kinds: dict[str, ArticleKind] = {}

    def add(self, table: Mapping[str, Sequence[str]]) -> None:
        for kind, names in table.items():
            for name in map(fold_name, names):
                if self.kinds.setdefault(name, ArticleKind(kind)) != kind:
                    raise ValueError(f'"{name}" stands for {self.kinds[name]} and {kind}; remove one of them')


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _title_rules(language: Mapping[str, Any]) -> TitleRules:
    phrases: list[tuple[str, ArticleKind | Weight]] = []
    for kind, names in language["phrases"].items():
        phrases += [(_fold_phrase(name), ArticleKind(kind)) for name in names]
    for weight, names in language["hard"].items():
        phrases += [(_fold_phrase(name), Weight(weight)) for name in names]
    patterns = language.get("patterns", {}).items()
    return TitleRules(
        phrases,
        [(ArticleKind(kind), compile_forms(forms)) for kind, forms in patterns],
        _routine_form(language["routine"]),
    )


def _routine_form(table: Mapping[str, Sequence[str]]) -> str:
    """A regular expression: a thing that has a price, near the beginning, and what its price does; or figures."""
    things, moves, figures = (_alternatives(table[name]) for name in ("things", "moves", "figures"))
    return rf"^(?:\w+ ){{0,2}}{things}(?: \w+){{0,3}}? {moves}|\b{figures}"


def _alternatives(phrases: Sequence[str]) -> str:
    forms = (
        re.escape(fold_words(phrase)) + (r"\w*" if phrase.endswith(STEM_MARK) else "") for phrase in phrases
    )
    return rf"(?:{'|'.join(forms)})\b"


def _fold_phrase(phrase: str) -> str:
    return fold_words(phrase) + (STEM_MARK if phrase.endswith(STEM_MARK) else "")
