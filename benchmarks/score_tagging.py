"""How well the tagger does on texts whose countries are known, and what each of its rules is worth.

A file is JSON lines {"id", "title", "text", "countries", "home"?}. Prints precision, recall, F1 over pairs of text and
country, and how often the first country is right, for each file and as their mean; with --ablate also what the mean F1
loses when a rule is switched off. Not run by `make bench`: the texts that are worth scoring belong to their publishers.

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

from digest.regions import gazetteer
from digest.regions.pure import ambiguity, disambiguation
from digest.regions.pure import tagger as tagging
from digest.regions.pure.tagger import Tagger
from digest.regions.pure.vocabulary import Gazetteer, Kind

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Score:
    """Shares in 0..1."""

    precision: float
    recall: float
    f1: float
    first: float


def main() -> None:
    """Print a table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("files", nargs="+", type=Path)
    options.add_argument("--characters", type=int, default=None, help="of each text, what a feed gives")
    options.add_argument("--home", action="store_true", help="use each text's home country, where it has one")
    options.add_argument("--ablate", action="store_true", help="switch each rule off in turn")
    asked = options.parse_args()
    corpora = {path.stem: _entries(path, asked.characters, home=asked.home) for path in asked.files}
    scores = _table(gazetteer.tagger(), corpora)
    for name, score in scores.items():
        print(f"{name:<12}{len(corpora.get(name, ())):>6}  {_row(score)}")
    if asked.ablate:
        for rule, switched_off in RULES.items():
            with switched_off() as tagger:
                score = _table(tagger, corpora)["mean"]
            print(f"{rule:<44}{100 * (score.f1 - scores['mean'].f1):+.1f}  {_row(score)}")


def _entries(path: Path, characters: int | None, *, home: bool) -> list[Entry]:
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        entry | {"text": entry["text"][:characters], "home": entry.get("home") if home else None}
        for entry in entries
    ]


def _table(tagger: Tagger, corpora: Mapping[str, list[Entry]]) -> dict[str, Score]:
    scores = {name: _score(tagger, entries) for name, entries in corpora.items()}
    number = len(scores)
    scores["mean"] = Score(
        sum(score.precision for score in scores.values()) / number,
        sum(score.recall for score in scores.values()) / number,
        sum(score.f1 for score in scores.values()) / number,
        sum(score.first for score in scores.values()) / number,
    )
    return scores


def _score(tagger: Tagger, entries: list[Entry]) -> Score:
    right = wrong = missed = first = 0
    for entry in entries:
        known = set(entry["countries"])
        tags = [tag.country for tag in tagger.tag(entry["title"], entry["text"], home=entry["home"])]
        right += len(known & set(tags))
        wrong += len(set(tags) - known)
        missed += len(known - set(tags))
        first += bool(tags) and tags[0] in known
    return Score(
        precision=right / max(right + wrong, 1),
        recall=right / max(right + missed, 1),
        f1=2 * right / max(2 * right + wrong + missed, 1),
        first=first / max(len(entries), 1),
    )


def _row(score: Score) -> str:
    shares = (score.precision, score.recall, score.f1, score.first)
    return "  ".join(f"{100 * share:5.1f}" for share in shares)


@contextmanager
def _without_kinds(*kinds: Kind) -> Iterator[Tagger]:
    known = gazetteer.load()
    left = tuple(phrase for phrase in known.phrases if phrase.kind not in kinds)
    yield Tagger(Gazetteer(phrases=left, given=known.given))


@contextmanager
def _with(owner: ModuleType, **changed: object) -> Iterator[Tagger]:
    usual = {name: getattr(owner, name) for name in changed}
    for name, value in changed.items():
        setattr(owner, name, value)
    try:
        yield gazetteer.tagger()
    finally:
        for name, value in usual.items():
            setattr(owner, name, value)


# A rule, and how to do without it.
RULES: dict[str, Callable[[], Any]] = {
    "no focus: every country named is a tag": lambda: _with(
        tagging,
        FOCUS=dict.fromkeys(tagging.FOCUS, 0.0),
        FOCUS_WITHOUT_TITLE=dict.fromkeys(tagging.FOCUS, 0.0),
        LOWEST_FOCUS=0.0,
        FLOOR=0.0,
    ),
    "one share for title, lead and text (0.42)": lambda: _with(
        tagging,
        FOCUS=dict.fromkeys(tagging.FOCUS, 0.42),
        FOCUS_WITHOUT_TITLE=dict.fromkeys(tagging.FOCUS, 0.42),
        LOWEST_FOCUS=0.42,
    ),
    "the title's naming the best country changes no share": lambda: _with(
        tagging, FOCUS_WITHOUT_TITLE=tagging.FOCUS
    ),
    "short texts are read as long ones": lambda: _with(tagging, SHORT_TEXT=-1),
    "no dateline": lambda: _with(tagging, DATELINE_WITHIN=0),
    "no floor": lambda: _with(tagging, FLOOR=0.0),
    "all places in a text weigh the same": lambda: _with(
        tagging,
        WEIGHT=dict.fromkeys(tagging.WEIGHT, tagging.KIND_WEIGHT),
    ),
    "without demonyms": lambda: _without_kinds(Kind.DEMONYM),
    "without states and short forms of states": lambda: _without_kinds(Kind.STATE, Kind.QUALIFIER),
    "without cities and towns": lambda: _without_kinds(Kind.CITY, Kind.TOWN),
    "without towns": lambda: _without_kinds(Kind.TOWN),
    "without capitals": lambda: _without_kinds(Kind.CAPITAL),
    "without institutions and leaders": lambda: _without_kinds(Kind.GOVERNMENT),
    "without clues": lambda: _without_kinds(Kind.CLUE),
    "without guards": lambda: _without_kinds(Kind.GUARD),
    "what follows a comma says nothing": lambda: _with(tagging, qualify=lambda _mentions: None),
    "people are taken for places": lambda: _with(ambiguity, _is_person=lambda *_: False),
    "the likeliest reading, whatever else is there": lambda: _with(disambiguation, MOST_LOCAL=0.0),
}

if __name__ == "__main__":
    main()
