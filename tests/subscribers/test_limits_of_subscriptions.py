"""How long links are their owner's, and what a subscription may be: each limit on both sides."""

from datetime import timedelta

import pytest

from digest.regions.tree import region_tree
from digest.subscribers.pure.links import OWNER_LINK_LIFETIME, SignedLinks, find_token
from digest.subscribers.pure.subscription import (
    MAX_REGIONS,
    InvalidSubscriptionError,
    Subscription,
    add_regions,
    existing_regions,
    parse_subscription,
)
from digest.subscribers.states import DigestSize
from tests.conftest import NOON

TREE = region_tree.load()


def test_the_link_of_a_letter_is_the_owners_for_a_quarter_of_an_hour() -> None:
    links = SignedLinks("a secret of thirty-two characters", "https://news.example.org/")
    token = links.token("owner", "AbCd", NOON)
    assert links.verify_preferences(token, NOON + OWNER_LINK_LIFETIME) == ("AbCd", True)
    assert links.verify_preferences(token, NOON + OWNER_LINK_LIFETIME + timedelta(seconds=1)) == (
        "AbCd",
        False,
    )
    assert links.verify_preferences(links.token("preferences", "AbCd", NOON), NOON) == ("AbCd", False)
    assert links.url("owner", "AbCd", NOON) == f"https://news.example.org/preferences/{token}"
    assert find_token(f"<{token[:20]}\n {token[20:]}>.") == token


def subscription(*slugs: str, **values: str) -> Subscription:
    return parse_subscription(slugs, values, TREE, languages=("en", "ru"))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("time", "07:10"), ("time", "24:00"), ("time", "7"), ("weekday", "7"), ("weekday", "12"), ("zone", "Mars"),
        ("language", "xx"), ("cadence", "hourly"), ("size", "huge"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_quoted(field: str, wrong: str) -> None:
    for text, quoted in ((wrong, wrong), ("z" * 50, "z" * (40 if field == "zone" else 20))):
        with pytest.raises(InvalidSubscriptionError) as caught:
            subscription("kz", **{field: text})
        assert list(caught.value.errors) == [field]
        assert f'"{quoted}"' in caught.value.errors[field]


def test_what_is_left_open_is_the_default() -> None:
    chosen = subscription("kz")
    assert (chosen.weekday, chosen.send_minute, chosen.zone, chosen.language, chosen.size) == (
        0, 7 * 60, "UTC", "en", DigestSize.STANDARD
    )  # fmt: skip
    assert subscription("kz", time="23:45", weekday="6").send_minute == 23 * 60 + 45
    assert subscription("kz", time="0:00").send_minute == 0
    assert Subscription.from_json(chosen.as_json()) == chosen
    assert chosen.preferences_key == Subscription(("kz",)).preferences_key
    assert chosen.preferences_key != subscription("kz", size="full").preferences_key
    assert len(chosen.preferences_key) == 32


def test_no_more_than_400_regions_are_read() -> None:
    assert subscription(*["kz"] * (MAX_REGIONS - 1), "ge").regions == ("kz", "ge")
    assert subscription(*["kz"] * MAX_REGIONS, "ge").regions == ("kz",)
    for slugs in ((), ("nowhere",)):
        with pytest.raises(InvalidSubscriptionError) as caught:
            subscription(*slugs)
        assert list(caught.value.errors) == ["regions"]


def test_regions_are_added_behind_ones_own_and_those_that_are_gone_are_left_out() -> None:
    both = add_regions(Subscription(("kz", "ge"), "en"), Subscription(("uz", "kz"), "ru"))
    assert (both.regions, both.language) == (("kz", "ge", "uz"), "ru")
    assert existing_regions(["kz", "nowhere", "ge"], TREE) == ("kz", "ge")
