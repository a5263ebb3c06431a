"""The sections of a digest, as they come back from its row."""

import pytest

from digest.editions.pure.sections import Section, decode_sections, encode_sections, story_ids

DECIDED = (Section("ge", ((7, 2), (3, 1))), Section("central-asia", ((5, 1),)))


@pytest.mark.parametrize(
    "stored",
    [
        [["ge", [7, 2, 3, 1]], ["central-asia", [5, 1]]],
        [["ge", [[7, 2], [3, 1]]], ["central-asia", [[5, 1]]]],  # as the first release stored them
    ],
)
def test_sections_come_back_as_they_were_decided(stored: list[object]) -> None:
    assert decode_sections(stored) == DECIDED
    assert story_ids(decode_sections(stored)) == {3, 5, 7}


def test_what_is_stored_reads_back_as_the_same() -> None:
    assert decode_sections(encode_sections(DECIDED)) == DECIDED


def test_a_section_without_stories_is_read() -> None:
    assert decode_sections([["ge", []]]) == (Section("ge", ()),)
    assert story_ids(decode_sections([["ge", []]])) == set()


def test_a_row_that_lost_the_end_of_a_story_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        decode_sections([["ge", [7, 2, 3]]])
