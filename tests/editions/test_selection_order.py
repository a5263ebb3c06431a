"""In which order a region shows its stories, and why: by points and diversity, or as the publisher does."""

from dataclasses import replace

import pytest

from digest.editions.pure.ranking import Reason, StoryScore
from digest.editions.pure.selection import StoryIndex, select_stories
from tests.editions.test_selection import START, WORLD, chosen, ids, story


def test_the_reasons_add_up_to_the_place_of_a_story() -> None:
    stories = [story(n, ("KZ", 1.0), ("FR", 0.5), hours=n, sources=n, pinned=n == 1) for n in range(1, 9)]
    placed = StoryIndex(stories, WORLD.__getitem__).stories_for("kz", START).new.values()
    for ranked in placed:
        assert sum(contribution.points for contribution in ranked.why()) == pytest.approx(-ranked.sort_key)
    reasons = {contribution.reason for ranked in placed for contribution in ranked.why()}
    assert {Reason.SOURCES, Reason.CENTRALITY, Reason.PIN} <= reasons


def test_headlines_that_say_the_same_do_not_stand_together() -> None:
    bridge = frozenset({"bridge", "opens", "river", "kazakhstan"})
    same = [replace(story(n, ("KZ", 1.0), sources=5), words=bridge) for n in (1, 2)]
    other = replace(story(3, ("KZ", 1.0), sources=4), words=frozenset({"walnut", "trees", "planted"}))
    assert ids(chosen([*same, other], ["kz"]).mail) == {"kz": [1, 3, 2]}
    placed = StoryIndex([*same, other], WORLD.__getitem__).stories_for("kz", START).new
    changes = {number: {part.reason: part.points for part in story.why()} for number, story in placed.items()}
    assert changes[3][Reason.DIVERSITY] == -changes[2][Reason.DIVERSITY] > 0


def test_a_publishers_order_is_kept_and_its_share_is_not_limited() -> None:
    own_order = [
        replace(story(n, ("KZ", 1.0), source=1), score=StoryScore(1 / place))
        for n, place in ((1, 3), (2, 1), (3, 4), (4, 2), (5, 5))
    ]
    elsewhere = replace(story(9, ("KZ", 1.0), source=2), score=StoryScore(0.01))
    index = StoryIndex([*own_order, elsewhere], WORLD.__getitem__, publishers_order=True)
    selection = select_stories(index, ["kz"], start=START, max_in_mail=5)
    assert ids(selection.mail) == {"kz": [2, 4, 1, 3, 5]}
