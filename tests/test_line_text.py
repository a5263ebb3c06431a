"""Which characters a line of text for people keeps."""

import sys

from digest.line_text import clean_line, is_one_line


def test_spaces_become_single_and_other_controls_count_as_spaces() -> None:
    assert clean_line(" grain\r\n\ttea\x00\u2029rice\u00a0 ") == "grain tea rice"


def test_joiners_tags_and_selectors_are_kept() -> None:
    for text in ("👩‍🚒", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☀️", "🇹🇷", "نمی‌دانم", "\U0001fae9"):
        assert clean_line(text) == text
        assert is_one_line(text)


def test_a_character_that_is_no_space_is_kept_if_and_only_if_it_is_fit() -> None:
    for character in filter(lambda char: not char.isspace(), map(chr, range(sys.maxunicode + 1))):
        assert (clean_line(f"a{character}b") == f"a{character}b") == is_one_line(character), hex(
            ord(character)
        )
