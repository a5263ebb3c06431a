"""The language of a feed that does not state one."""

from dataclasses import replace

from digest.sources.pure.entries import ParsedSource
from digest.sources.pure.text.language import detect_language

SAMPLE_ENTRIES = 20  # enough words to detect a language


def with_language(parsed: ParsedSource) -> ParsedSource:
    """Return the source with the detected language of its entries if it does not state one."""
    if parsed.language:
        return parsed
    sample = " ".join(f"{entry.title}. {entry.summary[:200]}" for entry in parsed.entries[:SAMPLE_ENTRIES])
    return replace(parsed, language=detect_language(sample))
