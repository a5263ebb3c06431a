"""Scores the tagger on texts with known countries, and measures what each of its rules contributes.

A file has JSON lines {"id", "title", "text", "countries", "home"?}. The script prints precision, recall and F1 over
pairs of text and country, and how often the first country is right: for each file, and the mean. With --ablate it also
prints how the mean F1 changes when a rule is switched off. `make bench` does not run it, because the texts that are
worth scoring belong to their publishers.

Example: python benchmarks/score_tagging.py corpora/*.jsonl --characters 250
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from digest.regions import gazetteer, lexicons
from digest.regions.pure import ambiguity, disambiguation
from digest.regions.pure import tagger as tagger_module
from digest.regions.pure.tagger import Tagger
from digest.regions.pure.vocabulary import Gazetteer, PhraseKind

LabelledText = Mapping[str, Any]


@dataclass(frozen=True)
class Score:
    """Shares in 0..1."""

    precision: float
    recall: float
    f1: float
    first_correct: float


def main() -> None:
    """Print a table of scores."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument(
        "--characters", type=int, default=None, help="read only so much of each text, as a feed gives"
    )
    parser.add_argument("--home", action="store_true", help="use each text's home country, if it has one")
    parser.add_argument("--ablate", action="store_true", help="switch each rule off in turn")
    options = parser.parse_args()
    corpora = {path.stem: _read_texts(path, options.characters, home=options.home) for path in options.files}
    scores = _score_all(gazetteer.tagger(), corpora)
    for name, score in scores.items():
        print(f"{name:<12}{len(corpora.get(name, ())):>6}  {_format_score(score)}")
    if options.ablate:
        for rule, without_rule in RULES.items():
            with without_rule() as tagger:
                score = _score_all(tagger, corpora)["mean"]
            print(f"{rule:<48}{100 * (score.f1 - scores['mean'].f1):+.1f}  {_format_score(score)}")


def _read_texts(path: Path, characters: int | None, *, home: bool) -> list[LabelledText]:
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        entry | {"text": entry["text"][:characters], "home": entry.get("home") if home else None}
        for entry in entries
    ]


def _score_all(tagger: Tagger, corpora: Mapping[str, list[LabelledText]]) -> dict[str, Score]:
    """The score of each corpus, and their mean as "mean"."""
    scores = {name: _score(tagger, entries) for name, entries in corpora.items()}
    count = len(scores)
    scores["mean"] = Score(
        sum(score.precision for score in scores.values()) / count,
        sum(score.recall for score in scores.values()) / count,
        sum(score.f1 for score in scores.values()) / count,
        sum(score.first_correct for score in scores.values()) / count,
    )
    return scores


def _score(tagger: Tagger, entries: list[LabelledText]) -> Score:
    right = wrong = missed = first = 0
    for entry in entries:
        expected = set(entry["countries"])
        tagged = [tag.country for tag in tagger.tag(entry["title"], entry["text"], home=entry["home"])]
        right += len(expected & set(tagged))
        wrong += len(set(tagged) - expected)
        missed += len(expected - set(tagged))
        first += bool(tagged) and tagged[0] in expected
    return Score(
        precision=right / max(right + wrong, 1),
        recall=right / max(right + missed, 1),
        f1=2 * right / max(2 * right + wrong + missed, 1),
        first_correct=first / max(len(entries), 1),
    )


def _format_score(score: Score) -> str:
    shares = (score.precision, score.recall, score.f1, score.first_correct)
    return "  ".join(f"{100 * share:5.1f}" for share in shares)


@contextmanager
def _without_kinds(*kinds: PhraseKind) -> Iterator[Tagger]:
    """A tagger without the phrases of some kinds."""
    bundled = gazetteer.load()
    phrases = tuple(phrase for phrase in bundled.phrases if phrase.kind not in kinds)
    yield Tagger(Gazetteer(phrases=phrases, given_names=bundled.given_names), lexicons.load_finder)


@contextmanager
def _with(module: ModuleType, **changes: object) -> Iterator[Tagger]:
    """The tagger while names of a module have other values."""
    original = {name: getattr(module, name) for name in changes}
    for name, value in changes.items():
        setattr(module, name, value)
    try:
        yield gazetteer.tagger()
    finally:
        for name, value in original.items():
            setattr(module, name, value)


# What happens when a rule is switched off, and how to switch it off.
RULES: dict[str, Callable[[], Any]] = {
    "every country that is named is a tag": lambda: _with(
        tagger_module,
        MIN_SHARE=dict.fromkeys(tagger_module.MIN_SHARE, 0.0),
        MIN_SHARE_WITHOUT_TITLE=dict.fromkeys(tagger_module.MIN_SHARE, 0.0),
        LOWEST_MIN_SHARE=0.0,
        MIN_TAG_WEIGHT=0.0,
    ),
    "one share for title, lead and text (0.42)": lambda: _with(
        tagger_module,
        MIN_SHARE=dict.fromkeys(tagger_module.MIN_SHARE, 0.42),
        MIN_SHARE_WITHOUT_TITLE=dict.fromkeys(tagger_module.MIN_SHARE, 0.42),
        LOWEST_MIN_SHARE=0.42,
    ),
    "a best country of the title changes no share": lambda: _with(
        tagger_module, MIN_SHARE_WITHOUT_TITLE=tagger_module.MIN_SHARE
    ),
    "short texts are read as long ones": lambda: _with(tagger_module, SHORT_TEXT=-1),
    "no dateline": lambda: _with(tagger_module, DATELINE_WITHIN=0),
    "no least weight of a tag": lambda: _with(tagger_module, MIN_TAG_WEIGHT=0.0),
    "all parts of a text weigh the same": lambda: _with(
        tagger_module,
        MENTION_WEIGHT=dict.fromkeys(tagger_module.MENTION_WEIGHT, tagger_module.KIND_WEIGHT),
    ),
    "without demonyms": lambda: _without_kinds(PhraseKind.DEMONYM),
    "without states and short forms of states": lambda: _without_kinds(
        PhraseKind.STATE, PhraseKind.QUALIFIER
    ),
    "without cities and towns": lambda: _without_kinds(PhraseKind.CITY, PhraseKind.TOWN),
    "without towns": lambda: _without_kinds(PhraseKind.TOWN),
    "without capitals": lambda: _without_kinds(PhraseKind.CAPITAL),
    "without institutions and leaders": lambda: _without_kinds(PhraseKind.GOVERNMENT),
    "without clues": lambda: _without_kinds(PhraseKind.CLUE),
    "without guards": lambda: _without_kinds(PhraseKind.GUARD),
    "qualifiers after a comma are ignored": lambda: _with(
        tagger_module, apply_qualifiers=lambda _mentions: None
    ),
    "people are taken for places": lambda: _with(ambiguity, _is_person=lambda *_: False),
    "other mentions do not choose between meanings": lambda: _with(disambiguation, EVIDENCE_CAP=0.0),
}

if __name__ == "__main__":
    main()
