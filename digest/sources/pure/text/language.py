"""Language detection for texts that do not state their language. The only module that imports py3langid."""

from functools import cache
from threading import Lock
from typing import Any

from digest.sources.pure.text.markup import collapse_whitespace

MIN_LENGTH = 60  # characters; detection is wrong too often for shorter texts
SAMPLE_LENGTH = 3_000  # characters; a longer sample does not change the result
MIN_PROBABILITY = 0.8  # below this probability, no answer is better than a wrong one
_loading = Lock()


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the language of `text`; "" if the text is too short or the result doubtful."""
    sample = collapse_whitespace(text[:SAMPLE_LENGTH])
    if len(sample) < MIN_LENGTH:
        return ""
    with _loading:  # threads that come at once load one model
        identifier = _identifier()
    language, probability = identifier.classify(sample)
    return str(language) if probability >= MIN_PROBABILITY else ""


@cache
def _identifier() -> Any:
    # Imported here because numpy and the model take 0.5 s, and most feeds state their language.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
