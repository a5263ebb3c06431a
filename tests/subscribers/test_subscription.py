"""Reading a subscription from form values. Each wrong field has an error of its own."""

import pytest

from digest.regions.tree import region_tree as regions
from digest.subscribers.pure.subscription import InvalidSubscriptionError, parse_subscription, preferences_key

TREE = regions.load()
GOOD = {"cadence": "weekly", "weekday": "6", "time": "18:45", "zone": "Asia/Tashkent", "language": "en"}


def parse_errors(slugs: list[str], **changes: str) -> dict[str, str]:
    with pytest.raises(InvalidSubscriptionError) as caught:
        parse_subscription(slugs, GOOD | changes, TREE)
    return caught.value.errors


def test_valid_values_are_read() -> None:
    subscription = parse_subscription(["ge", "central-asia"], GOOD, TREE)
    assert (subscription.cadence, subscription.weekday, subscription.send_minute, subscription.zone) == (
        "weekly",
        6,
        18 * 60 + 45,
        "Asia/Tashkent",
    )


def test_the_same_regions_in_another_order_are_the_same_preferences() -> None:
    first = parse_subscription(["ge", "central-asia", "ge"], GOOD, TREE)
    second = parse_subscription(["central-asia", "ge"], GOOD, TREE)
    assert first.preferences_key == second.preferences_key
    assert len(first.regions) == 2


def test_other_regions_or_another_language_are_other_preferences() -> None:
    keys = {preferences_key(["ge"], "en"), preferences_key(["ge"], "ru"), preferences_key(["ge", "am"], "en")}
    assert len(keys) == 3


def test_all_wrong_fields_are_named_at_once() -> None:
    wrong = parse_errors([], cadence="hourly", weekday="9", time="25:00", zone="Mars/Olympus", language="xx")
    assert set(wrong) == {"regions", "cadence", "weekday", "time", "zone", "language"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time", "07:07"),
        ("time", "7"),
        ("time", "24:00"),
        ("time", "٠٧:٠٠"),
        ("time", ""),
        ("weekday", "12"),
        ("weekday", "²"),
        ("zone", ""),
        ("zone", "asia/tashkent"),
        ("zone", "../../etc/passwd"),
        ("cadence", "Daily"),
    ],
)
def test_the_error_has_the_wrong_value(field: str, value: str) -> None:
    assert value[:20] in parse_errors(["ge"], **{field: value})[field]


def test_the_error_for_an_unknown_region_suggests_a_similar_one() -> None:
    assert "central-asia" in parse_errors(["central-azia"])["regions"]


def test_no_region_is_an_error_that_says_why() -> None:
    assert "at least one" in parse_errors([])["regions"]


def test_thousands_of_regions_are_read_in_no_time() -> None:
    subscription = parse_subscription(["ge"] * 100_000, GOOD, TREE)
    assert subscription.regions == ("ge",)
