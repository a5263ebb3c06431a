"""`dateline editions draft`, `freeze` and `send`: whom they reach and why is said before anything is sent."""

import pytest

from digest.cli.editions import editions_group
from digest.editions.store import editions
from digest.parts import Parts
from tests.builders import World
from tests.cli.conftest import RunCommand

NEWS = "Scientists drill the oldest ice of the continent"


def state_of(parts: Parts, edition_id: int) -> str:
    with parts.db.read() as tx:
        return editions.by_id(tx, edition_id).state


def test_who_sends_to_a_small_region_is_told_who_has_a_larger_one(run: RunCommand, world: World) -> None:
    world.article(NEWS, ["AQ"])
    for region in ("world", "world", "aq", "kz"):
        world.subscriber(regions=[region])
    declined = run(editions_group, "send", "--regions", "antarctica", stdin="n\n")
    assert "subscribers: 3, with news: 3" in declined.out
    assert "because they chose: world 2, aq 1\n" in declined.out
    assert declined.status == 1


def test_an_edition_that_reaches_nobody_is_not_sent_and_says_so(
    run: RunCommand, world: World, parts: Parts
) -> None:
    world.article(NEWS, ["AQ"])
    world.subscriber(regions=["kz"], next_due_at=parts.clock().replace(year=2027))
    for options, words in (
        ((), "No subscriber is due now"), (("--regions", "aq"), "No active subscriber"), (("--everyone",), "no news"),
    ):  # fmt: skip
        result = run(editions_group, "send", "--yes", *options)
        assert result.status == 2
        assert words in result.err
    assert run(editions_group, "list").out == ""


def test_a_draft_is_frozen_and_sent_by_its_id(run: RunCommand, world: World, parts: Parts) -> None:
    world.article(NEWS, ["AQ"])
    world.subscriber(regions=["aq"])
    assert "edition 1 is a draft" in run(editions_group, "draft", "--everyone", "--note", "Hello").out
    assert "only a frozen one" in run(editions_group, "send", "1", "--yes").err
    assert "editions send 1" in run(editions_group, "freeze", "1").out
    assert (
        run(editions_group, "send", "1", "--yes", "--at", "2026-03-11T07:00Z").out
        == "edition 1 is scheduled\n"
    )
    assert state_of(parts, 1) == "frozen"
    assert run(editions_group, "send", "1", stdin="y\n").status == 0
    assert state_of(parts, 1) == "planning"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("1", "--everyone"), "has its audience and note already"),
        (("--at", "2026-03-11"), "needs the ID"),
        (("--everyone", "--regions", "kz"), "exclude each other"),
        (("--regions", "atlantis"), "is not known"),
        (("7", "--yes"), "There is no edition 7"),
    ],
)
def test_options_that_do_not_fit_are_refused(run: RunCommand, arguments: tuple[str, ...], words: str) -> None:
    result = run(editions_group, "send", *arguments)
    assert result.status == 2
    assert words in result.err
