"""Which columns of other programs' exports have which field, and values in other spellings."""

from collections.abc import Mapping, Sequence

import pytest

from digest.errors import InvalidInputError, NotFoundError
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.pure.csv_columns import SUBSCRIBER_COLUMNS, ColumnMap, map_columns
from digest.subscribers.pure.import_values import find_regions, spell_fields
from digest.subscribers.pure.standing import check_receives

LANGUAGES = ("en", "ru", "de", "pt_BR")


def mapped(header: str, chosen: Mapping[str, str] | None = None) -> ColumnMap:
    return map_columns(header.split(","), SUBSCRIBER_COLUMNS, chosen)


def used(header: str) -> dict[str, Sequence[str]]:
    columns = mapped(header)
    return {field: columns.names_of(field) for field in columns.positions}


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (
            "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,TIMEZONE,CC,REGION,UNSUB_TIME,LEID",
            {
                "email": ["Email Address"],
                "zone": ["TIMEZONE"],
                "left": ["UNSUB_TIME"],
                "joined": ["OPTIN_TIME"],
                "confirmed": ["CONFIRM_TIME"],
            },
        ),
        ("Email Address,First Name,CLEAN_TIME,TAGS", {"email": ["Email Address"], "bounced": ["CLEAN_TIME"]}),
        (
            "email_address,type,tags,metadata,creation_date,unsubscription_date",
            {
                "email": ["email_address"],
                "state": ["type"],
                "left": ["unsubscription_date"],
                "joined": ["creation_date"],
            },
        ),
        (
            "id,email,name,note,subscribed_to_emails,complimentary_plan,created_at,deleted_at,labels,tiers",
            {
                "email": ["email"],
                "subscribed": ["subscribed_to_emails"],
                "left": ["deleted_at"],
                "joined": ["created_at"],
            },
        ),
        (
            "uuid,email,name,attributes,status,created_at,updated_at",
            {"email": ["email"], "state": ["status"], "joined": ["created_at"]},
        ),
        (
            "email,active_subscription,expiry,plan,email_disabled,created_at",
            {"email": ["email"], "left": ["email_disabled"], "joined": ["created_at"]},
        ),
        ("E-Mail-Adresse,Name,Sprache", {"email": ["E-Mail-Adresse"], "language": ["Sprache"]}),
        ("Correo Electrónico,Nombre", {"email": ["Correo Electrónico"]}),
        ("Электронная почта,Регионы", {"email": ["Электронная почта"], "regions": ["Регионы"]}),
    ],
)
def test_columns_of_other_programs_are_known(header: str, fields: dict[str, list[str]]) -> None:
    assert used(header) == fields


def test_what_is_not_used_is_named_and_can_be_chosen() -> None:
    columns = mapped("Contact,My regions,Status", {"email": "contact", "regions": "My regions", "state": ""})
    assert columns.values(["ann@r.example", "KZ", "customer"]) == {
        "email": ["ann@r.example"],
        "regions": ["KZ"],
    }
    assert columns.unused == ["Status"]


@pytest.mark.parametrize("chosen", [{"mail": "email"}, {"email": "Post"}])
def test_a_choice_of_what_does_not_exist_is_refused(chosen: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        mapped("email,name", chosen)


def test_a_row_may_be_shorter_than_the_first_line_but_not_longer() -> None:
    columns = mapped("email,regions,size")
    assert columns.values(["ann@r.example"]) == {"email": ["ann@r.example"]}
    assert columns.values(["ann@r.example", "KZ", "full", "", ""])["size"] == ["full"]
    with pytest.raises(InvalidInputError, match="the row has 4 cells, and the first line has 3"):
        columns.values(["ann@r.example", "KZ", "GE", "full"])


@pytest.mark.parametrize(
    "values",
    [
        {"state": ["Active"]}, {"state": ["SUBSCRIBED"]}, {"state": ["enabled", "Confirmed"]}, {"state": ["regular"]},
        {"subscribed": ["TRUE"]}, {"subscribed": ["yes"]}, {"left": ["False"]}, {"bounced": ["null"]}, {},
    ],
)  # fmt: skip
def test_those_who_get_mails_are_imported(values: dict[str, list[str]]) -> None:
    check_receives(values, "ann@r.example")


@pytest.mark.parametrize(
    "values",
    [
        {"state": ["unsubscribed"]}, {"state": ["Cleaned"]}, {"state": ["blocklisted"]}, {"state": ["unactivated"]},
        {"state": ["enabled", "unconfirmed"]}, {"state": ["California"]}, {"subscribed": ["false"]},
        {"left": ["true"]}, {"blocked": ["2026-01-02"]}, {"bounced": ["2026-01-02 10:00:00"]},
    ],
)  # fmt: skip
def test_those_who_left_elsewhere_are_not(values: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidInputError, match=r"ann@r\.example .*only those who are active"):
        check_receives(values, "ann@r.example")


@pytest.mark.parametrize(
    ("field", "written", "spelled"),
    [
        ("language", "en-US", "en"), ("language", "RU", "ru"), ("language", "de_AT", "de"),
        ("language", "pt-br", "pt_BR"),
        ("language", "xx", "xx"), ("time", "07:15:00", "07:15"), ("time", "7:15", "07:15"),
        ("time", "7:15 AM", "07:15"),
        ("time", "7:15:00 p.m.", "19:15"), ("time", "12:00 am", "00:00"), ("time", "07.15", "07:15"),
        ("time", "07:15:30", "07:15:30"), ("time", "13:00 pm", "13:00 pm"), ("cadence", "Weekly", "weekly"),
        ("size", "BRIEF", "brief"), ("weekday", "Monday", "0"), ("weekday", "sun", "6"), ("weekday", "3", "3"),
        ("weekday", "s", "s"), ("show_why", "TRUE", "yes"), ("show_why", "0", "no"), ("show_why", "maybe", "maybe"),
    ],
)  # fmt: skip
def test_values_are_read_in_other_spellings(field: str, written: str, spelled: str) -> None:
    assert spell_fields({field: written}, LANGUAGES) == {field: spelled}


@pytest.mark.parametrize(
    ("written", "slugs"),
    [
        ("KZ,GE", ["kz", "ge"]), ("central-asia GE", ["central-asia", "ge"]), ("kz; ge;", ["kz", "ge"]),
        ("South Korea", ["kr"]), ("South Korea, Georgia", ["kr", "ge"]), ('["KZ", "GE"]', ["kz", "ge"]),
        ("Казахстан|Грузия", ["kz", "ge"]), ("Central Asia", ["central-asia"]), ("KZ\nGE", ["kz", "ge"]), ("", []),
    ],
)  # fmt: skip
def test_regions_are_read_with_any_separator(tree: RegionTree, written: str, slugs: list[str]) -> None:
    assert find_regions(written, tree) == slugs


def test_a_region_that_does_not_exist_is_named_and_a_long_cell_is_read_to_its_end(tree: RegionTree) -> None:
    with pytest.raises(NotFoundError, match="Atlantis"):
        find_regions("KZ, Atlantis", tree)
    assert find_regions("Georgia" + " " * 200 + ", KZ", tree) == ["ge", "kz"]
