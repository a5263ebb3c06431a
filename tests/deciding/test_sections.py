"""The sections of a digest, as they come back from its row."""

import pytest

from digest.editions.models import Digest
from digest.editions.store.editions import sections_of, stories_of, story_ids

DECIDED = (("ge", ((7, 2), (3, 1))), ("central-asia", ((5, 1),)))


@pytest.mark.parametrize(
    "stored",
    [
        [["ge", [7, 2, 3, 1]], ["central-asia", [5, 1]]],
        [["ge", [[7, 2], [3, 1]]], ["central-asia", [[5, 1]]]],  # as rows had it before
    ],
)
def test_sections_come_back_as_they_were_decided(stored: list[object]) -> None:
    digest = Digest(sections=stored)
    assert stories_of(digest) == DECIDED
    assert story_ids([digest]) == {3, 5, 7}


def test_a_section_without_stories_is_read() -> None:
    assert sections_of([["ge", []]]) == (("ge", ()),)
    assert story_ids([Digest(sections=[["ge", []]])]) == set()
