"""With one or two publishers, digests follow the publishers' own order."""

from datetime import UTC, datetime, timedelta

from digest.editions.pure.publishers_order import PublishedReport, follows_publishers, score_by_publishers

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def report(
    story: int, hours: float, position: int | None = None, *, source: int = 1, article: int = 0
) -> PublishedReport:
    return PublishedReport(story, article or story, source, NOON - timedelta(hours=hours), position)


def order(*reports: PublishedReport) -> list[int]:
    scores = score_by_publishers(reports)
    return sorted(scores, key=lambda story_id: -scores[story_id].points)


def test_an_editors_order_is_followed() -> None:
    assert order(report(1, 1, 3), report(2, 9, 1), report(3, 5, 2)) == [2, 3, 1]


def test_a_feed_by_time_is_followed_too() -> None:
    assert order(report(1, 9), report(2, 1), report(3, 5)) == [2, 3, 1]


def test_a_list_of_one_day_keeps_its_order() -> None:
    # The articles of one document are written from its bottom to its top.
    assert order(report(1, 5), report(2, 5), report(3, 5)) == [3, 2, 1]


def test_two_publishers_take_turns() -> None:
    first = [report(n, n, n) for n in (1, 2, 3)]
    second = [report(10 + n, 20 + n, n, source=2) for n in (1, 2, 3)]
    assert order(*first, *second) == [1, 11, 2, 12, 3, 13]


def test_a_story_of_both_stands_at_its_better_place() -> None:
    assert order(
        report(1, 1, 1), report(2, 2, 2), report(3, 3, 3), report(3, 2, 1, source=2, article=30)
    ) == [
        1,
        3,
        2,
    ]


def test_a_story_with_several_articles_takes_one_place() -> None:
    assert order(report(1, 1, 1), report(1, 1, 2, article=10), report(2, 2, 3)) == [1, 2]
    assert (
        score_by_publishers([report(1, 1, 1), report(1, 1, 2, article=10), report(2, 2, 3)])[2].why[0].number
        == 2
    )


def test_three_publishers_are_compared_by_news() -> None:
    assert follows_publishers(["a.example", "a.example", "b.example"])
    assert not follows_publishers(["a.example", "b.example", "c.example"])


def test_three_hundred_stories_keep_the_order_too() -> None:
    assert order(*(report(n, 300 - n, n) for n in range(1, 301))) == list(range(1, 301))
