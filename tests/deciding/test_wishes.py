"""What a form may ask for: regions, hour, zone and cadence, each with its own sentence when it is wrong."""

import pytest

from digest.regions.tree import region_tree as regions
from digest.subscribers.pure.subscription import InvalidWishesError, preferences_key, read_wishes

TREE = regions.load()
GOOD = {"cadence": "weekly", "weekday": "6", "time": "18:45", "zone": "Asia/Tashkent", "language": "en"}


def errors(slugs: list[str], **changes: str) -> dict[str, str]:
    with pytest.raises(InvalidWishesError) as caught:
        read_wishes(slugs, GOOD | changes, TREE)
    return caught.value.errors


def test_good_wishes_are_read_as_they_are() -> None:
    wishes = read_wishes(["ge", "central-asia"], GOOD, TREE)
    assert (wishes.cadence, wishes.weekday, wishes.send_minute, wishes.zone) == (
        "weekly",
        6,
        18 * 60 + 45,
        "Asia/Tashkent",
    )


def test_the_same_regions_in_another_order_are_the_same_preferences() -> None:
    one = read_wishes(["ge", "central-asia", "ge"], GOOD, TREE)
    other = read_wishes(["central-asia", "ge"], GOOD, TREE)
    assert one.preferences_key == other.preferences_key
    assert len(one.regions) == 2


def test_other_regions_or_another_language_are_other_preferences() -> None:
    keys = {preferences_key(["ge"], "en"), preferences_key(["ge"], "ru"), preferences_key(["ge", "am"], "en")}
    assert len(keys) == 3


def test_all_wrong_fields_are_named_at_once() -> None:
    found = errors([], cadence="hourly", weekday="9", time="25:00", zone="Mars/Olympus", language="xx")
    assert set(found) == {"regions", "cadence", "weekday", "time", "zone", "language"}


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
def test_a_wrong_value_is_named_with_what_would_be_right(field: str, value: str) -> None:
    assert value[:20] in errors(["ge"], **{field: value})[field]


def test_an_unknown_region_is_named_with_its_nearest() -> None:
    assert "central-asia" in errors(["central-azia"])["regions"]


def test_no_region_is_an_error_that_says_why() -> None:
    assert "at least one" in errors([])["regions"]


def test_thousands_of_regions_are_read_in_no_time() -> None:
    wishes = read_wishes(["ge"] * 100_000, GOOD, TREE)
    assert wishes.regions == ("ge",)
