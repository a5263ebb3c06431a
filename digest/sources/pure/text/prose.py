"""Tells sentences of prose from headlines, bylines and labels."""

import re

# Of Latin and Cyrillic, Chinese and Japanese, Hindi, Armenian, Arabic, Urdu, Ethiopic, Burmese and Khmer.
FINAL_SENTENCE_END = re.compile(r"[.!?…。！？｡।։؟۔።။។][\"'”’»)\]」』]*$")
# Chinese, Japanese and Korean write in one character what takes about three letters.
DENSE_CHARACTER = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
LETTERS_PER_DENSE_CHARACTER = 3


def reading_length(text: str) -> int:
    """The length of `text` in letters of the Latin script."""
    if text.isascii():
        return len(text)
    return len(text) + (LETTERS_PER_DENSE_CHARACTER - 1) * len(DENSE_CHARACTER.findall(text))


def ends_sentence(text: str) -> bool:
    """Whether `text` ends as a sentence does."""
    return FINAL_SENTENCE_END.search(text.rstrip()) is not None
