"""Measures taggers on texts of 3,000 characters: documents a second on one core, load time, and memory.

Prints one JSON line with Dateline's tagger and its peers. Each tagger runs in its own process, so that memory is
measured separately. Times are CPU times: the best of five rounds for each text, because other work on the machine only
makes a time longer. A peer that is not installed is reported as such (`pip install -e '.[bench]'`). newsmap is an R
package and is not run. With `--exclusions` only Dateline's tagger runs, with more and more words that never mean a
country: some processor time a text, and its ratio to the time without any.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle, product

TEXTS, LENGTH, ROUNDS = 200, 3_000, 5
PEERS = ("geotext", "flashgeotext")
EXCLUSIONS = (0, 10, 1_000)
EXCLUDED_NAMES = (
    ("Athens", "GR"),
    ("New York", "US"),
    ("Ankara", "TR"),
    ("Jordan", "JO"),
    ("Rotterdam", "NL"),
)
# News of many kinds, with about as many names of countries, towns, people, firms and datelines as real news has (some
# 20 in 3,000 characters), and many sentences about no country.
SENTENCES_WITH_PLACES = (
    "ALMATY, Jan 11 (Wire) - Kazakh ministers met on Tuesday to speak about the price of bread and of fuel.",
    "In Springfield, Ill., the sheriff's office closed two roads after the river rose by a metre overnight.",
    "Exports from Côte d’Ivoire fell, while traders in Rotterdam waited for the harvest to reach the ports.",
    "“We will rebuild the school,” said Jordan Ames, a teacher, who had left Manchester two years ago.",
    "Police in Athens, Georgia, charged a man with theft, according to records that were made public.",
    "President Aliyev flew to Ankara, where Turkish officials promised a decision by the end of spring.",
    "Shares of Northern Copper Corp fell 3 percent in New York after a strike at its largest mine.",
    "Voters in Wales go to the polls in May, and councils in England elect new members a week later.",
    "The two sides exchanged 200 prisoners, with help from the United Arab Emirates, officials said.",
)
OTHER_SENTENCES = (
    "The committee asked for more time, and residents of the lower town said they had not been told.",
    "The bank raised its rate to 4.5 percent; analysts had expected a smaller step, or none at all.",
    "It was the coldest night of the year, with snow on the hills and fog along the coast until noon.",
    "The museum reopened with forty rooms, a garden, and a café that stays open after the last tour.",
    "Scientists at the university counted turtles on nine beaches and found fewer nests than last year.",
    "“Nobody asked us,” Mr Hale told reporters, “and nobody has said what it is going to cost in the end.”",
    "The report, which runs to 300 pages, blames old pipes, late repairs and a budget that was cut twice.",
    "Trains were late for most of the morning, and buses that were meant to replace them never came.",
    "The singer, who turned 60 in June, said that the tour would be her last and that she would miss it.",
    "A spokeswoman said the company would appeal, and that it had followed the rules at every step.",
    "Doctors warned that the wards were full again, though fewer patients were ill than a week before.",
)


def main() -> None:
    """Measure all taggers, or with --tagger NAME one of them in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tagger", choices=["dateline", *PEERS])
    parser.add_argument("--exclusions", action="store_true")
    options = parser.parse_args()
    if options.exclusions:
        print(json.dumps({"benchmark": "exclusions"} | measure_exclusions()))
        return
    if options.tagger:
        print(json.dumps(measure(options.tagger)))
        return
    report = {"benchmark": "tagging", "texts": TEXTS, "characters": LENGTH}
    for name in ("dateline", *PEERS):
        if find_spec(name if name in PEERS else "digest") is None:
            report |= {name: "not installed (pip install -e '.[bench]')"}
            continue
        run = subprocess.run([sys.executable, __file__, "--tagger", name], capture_output=True, check=True)
        report |= {name: json.loads(run.stdout)}
    print(json.dumps(report))


def measure(name: str) -> dict[str, float]:
    """Speed, load time and memory of one tagger, without the memory of the interpreter."""
    texts = make_texts()
    memory_before, started = _memory(), time.process_time()
    tag = globals()[f"load_{name}"]()
    tag(texts[0])
    load_seconds = time.process_time() - started
    best_times = [min(_cpu_seconds(tag, text) for _ in range(ROUNDS)) for text in texts]
    return {
        "documents_per_second": round(len(texts) / sum(best_times)),
        "load_seconds": round(load_seconds, 2),
        "memory_megabytes": round(_memory() - memory_before),
    }


def measure_exclusions() -> dict[str, dict[str, float]]:
    """Microseconds a text by the number of exclusions, for words that no text has and for five names of most texts."""
    texts, report = make_texts(), {}
    for name, found in (("words in no text", False), ("words in most texts", True)):
        taggers = {count: _excluding(count, found=found) for count in EXCLUSIONS}
        best = {count: [float("inf")] * len(texts) for count in EXCLUSIONS}
        for _ in range(1 + ROUNDS):
            for (count, tag), (number, text) in product(taggers.items(), enumerate(texts)):
                best[count][number] = min(best[count][number], _cpu_seconds(tag, text))
        without = sum(best[0])
        for count in EXCLUSIONS:
            microseconds = round(sum(best[count]) / len(texts) * 1e6)
            report[f"{count} {name}"] = {"us": microseconds, "ratio": round(sum(best[count]) / without, 2)}
    return report


def _excluding(count: int, *, found: bool) -> Callable[[str], object]:
    """Dateline's tagger with so many exclusions of names that the texts have, alone or with words around them."""
    exclusions = import_module("digest.regions.pure.exclusions")
    words = [
        (name if found and number < len(EXCLUDED_NAMES) else f"{name} {number}", country)
        for number, (name, country) in zip(range(count), cycle(EXCLUDED_NAMES), strict=False)
    ]
    known = exclusions.Exclusions(exclusions.Exclusion(n, *one) for n, one in enumerate(words))
    tagger = import_module("digest.regions.gazetteer").tagger().excluding(known.of_source(1))
    return lambda text: tagger.tag("", text)


def load_dateline() -> Callable[[str], object]:
    """This project's tagger."""
    tagger = import_module("digest.regions.gazetteer").tagger()
    return lambda text: tagger.tag("", text)


def load_geotext() -> Callable[[str], object]:
    """geotext: finds capitalized words by a regular expression and looks them up in a table."""
    return import_module("geotext").GeoText  # type: ignore[no-any-return]


def load_flashgeotext() -> Callable[[str], object]:
    """flashgeotext: searches a trie of cities and countries."""
    package = import_module("flashgeotext.geotext")
    return package.GeoText().extract  # type: ignore[no-any-return]


def make_texts() -> list[str]:
    """The texts, the same in each run."""
    rng = random.Random(1)  # noqa: S311 (no secret)
    texts = []
    for _ in range(TEXTS):
        text = ""
        while len(text) < LENGTH:
            text += rng.choice(SENTENCES_WITH_PLACES if rng.random() < 0.3 else OTHER_SENTENCES) + (
                "\n" if rng.random() < 0.2 else " "
            )
        texts.append(text[:LENGTH])
    return texts


def _cpu_seconds(tag: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    tag(text)
    return time.process_time() - started


def _memory() -> float:
    """The peak memory of this process, in megabytes."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1024 if sys.platform != "darwin" else 1024 * 1024)


if __name__ == "__main__":
    main()
