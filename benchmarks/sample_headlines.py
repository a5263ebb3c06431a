"""Invented headlines and sentences for the benchmarks' stories."""

import random

WORDS = (
    "rail", "harvest", "museum", "river", "border", "festival", "grid", "harbour", "school", "snow", "market", "bridge",
    "orchard", "ferry",
)  # fmt: skip
SENTENCE = (
    "Officials said on Tuesday that the plan would go ahead in spring, and that residents had been asked. "
)


def random_headline(rng: random.Random, number: int) -> str:
    """Seven words, and the story's number."""
    return f"{' '.join(rng.choices(WORDS, k=7)).capitalize()} {number}"
