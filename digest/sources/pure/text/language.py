"""Which language a text is written in, where nothing says so. The only module that knows py3langid."""

from functools import cache
from typing import Any

from digest.sources.pure.text.markup import one_line

SHORTEST = 60  # characters; a shorter text is guessed wrong too often
READ = 3_000  # characters; more changes nothing
SURE = 0.8  # probability, below which no answer is better than this one


def guess(text: str) -> str:
    """The ISO 639-1 code of the language of `text`; "" where it is too short or doubtful to tell."""
    sample = one_line(text[:READ])
    if len(sample) < SHORTEST:
        return ""
    language, probability = _identifier().classify(sample)
    return str(language) if probability >= SURE else ""


@cache
def _identifier() -> Any:
    # Imported here because numpy and the model take 0.5 s, and most feeds say their language.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
