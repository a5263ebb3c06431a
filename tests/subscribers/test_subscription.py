"""Reading a subscription from form values. Each wrong field has an error of its own."""

import json
from dataclasses import replace
from typing import Any

import pytest

from digest.regions.tree import region_tree as regions
from digest.subscribers.pure.content_choices import ContentChoices
from digest.subscribers.pure.subscription import InvalidSubscriptionError, Subscription, parse_subscription
from digest.subscribers.states import Cadence, DigestSize, OptionalKind

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


def test_regions_keep_their_order_each_once_and_another_order_is_another_digest() -> None:
    first = parse_subscription(["ge", "central-asia", "ge"], GOOD, TREE)
    second = parse_subscription(["central-asia", "ge"], GOOD, TREE)
    assert first.regions == ("ge", "central-asia")
    assert second.regions == ("central-asia", "ge")
    assert first.preferences_key != second.preferences_key


def test_each_choice_that_decides_the_content_is_in_the_key() -> None:
    subscription = Subscription(("ge", "am"))
    others: list[dict[str, Any]] = [
        {"regions": ("am", "ge")},
        {"regions": ("ge",)},
        {"language": "ru"},
        {"size": DigestSize.BRIEF},
        {"content": ContentChoices(kinds=())},
        {"content": ContentChoices(kinds=(OptionalKind.SPORT,))},
        {"content": ContentChoices(languages_read=("en", "ru"))},
        {"content": ContentChoices(show_why=True)},
    ]
    keys = {replace(subscription, **changes).preferences_key for changes in others}
    assert len(keys | {subscription.preferences_key}) == len(others) + 1
    at_noon = replace(subscription, send_minute=720, zone="Asia/Tashkent", cadence=Cadence.WEEKLY)
    assert at_noon.preferences_key == subscription.preferences_key


def test_keys_from_before_there_were_content_choices_stay_valid() -> None:
    assert Subscription(("ge", "am"), "ru").preferences_key == "7efc1b64920e6962432aa7f686ecd8f9"
    assert Subscription(("ge",), size=DigestSize.FULL).preferences_key == "3d76c7ff135ec20d25c6882291c7b745"


def test_a_subscription_survives_the_letter_that_stores_it() -> None:
    content = ContentChoices((OptionalKind.SPORT,), ("en", "ru"), show_why=True)
    subscription = parse_subscription(["ge", "am"], GOOD | content.as_values(), TREE)
    assert subscription.content == content
    assert Subscription.from_json(json.loads(json.dumps(subscription.as_json()))) == subscription


def test_a_letter_from_before_there_were_content_choices_is_read() -> None:
    stored = Subscription(("ge",)).as_json()
    del stored["content"]
    assert Subscription.from_json(stored) == Subscription(("ge",))


def test_all_wrong_fields_are_named_at_once() -> None:
    wrong = parse_errors(
        [],
        cadence="hourly",
        weekday="9",
        time="25:00",
        zone="Mars/Olympus",
        language="xx",
        kinds="chess",
        languages_read="xx",
        show_why="maybe",
    )
    assert set(wrong) == {"regions", *GOOD, "kinds", "languages_read", "show_why"}


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
