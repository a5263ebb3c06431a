"""What a form, a file and another program may say about a subscriber: each limit on both sides."""

from datetime import UTC, datetime

import pytest

from digest.errors import InvalidInputError
from digest.i18n.locales import is_language
from digest.regions.tree import region_tree
from digest.subscribers.pure.content_choices import MAX_LANGUAGES, ContentChoices, parse_content
from digest.subscribers.pure.csv_columns import SUBSCRIBER_COLUMNS, has_email, map_columns
from digest.subscribers.pure.csv_tables import MOST_COLUMNS, read_table
from digest.subscribers.pure.email_address import (
    MAX_EMAIL_LENGTH,
    MAX_PASTED_LENGTH,
    address_hash,
    parse_address,
    redact_addresses,
    tidy_address,
)
from digest.subscribers.pure.import_moments import read_moment
from digest.subscribers.pure.import_values import find_regions, spell_fields
from digest.subscribers.pure.mailbox import mailbox_key
from digest.subscribers.pure.programs import Program, programs
from digest.subscribers.pure.region_order import arrange_regions
from digest.subscribers.pure.standing import Standing, check_receives, read_standing
from digest.subscribers.states import OptionalKind

TREE = region_tree.load()
CODES = [
    f"{first}{second}"
    for first in "ade"
    for second in "abcdefghijklmnopqrstuvwxyz"
    if is_language(first + second)
]


def content(errors: dict[str, str] | None = None, **values: str) -> ContentChoices:
    return parse_content(values, {} if errors is None else errors, language="en", default_kinds=("sport",))


def content_errors(**values: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    content(errors, **values)
    return errors


def test_twenty_languages_can_be_read() -> None:
    assert len(content(languages_read=" ".join(CODES[:MAX_LANGUAGES])).languages_read) == MAX_LANGUAGES
    assert (
        "at most 20" in content_errors(languages_read=",".join(CODES[: MAX_LANGUAGES + 1]))["languages_read"]
    )
    assert content(languages_read="en-GB").languages_read == ()
    assert content(languages_read="en ru").languages_read == ("en", "ru")


def test_errors_of_choices_quote_the_beginning() -> None:
    for field, end in (
        ("kinds", "is none of"),
        ("languages_read", "is not the code"),
        ("show_why", "is neither"),
    ):
        assert f'"{"x" * 20}" {end}' in content_errors(**{field: "x" * 30})[field]


def test_kinds_equal_to_the_operators_follow_them() -> None:
    assert content(kinds="sport").kinds is None
    assert content(kinds="").kinds is None
    assert content(kinds="none").kinds == ()
    assert (
        content(kinds="sport culture").kinds == (OptionalKind.SPORT, OptionalKind.CULTURE)
        or len(OptionalKind) < 2
    )
    assert (content(show_why="yes").show_why, content(show_why="no").show_why, content().show_why) == (
        True,
        False,
        False,
    )


def mapped(header: str, **chosen: str) -> dict[str, list[int]]:
    columns = map_columns(header.split(","), SUBSCRIBER_COLUMNS, chosen)
    return {field: list(positions) for field, positions in columns.positions.items()}


def test_a_column_has_one_field_at_most() -> None:
    assert mapped("email,status,type", state="type") == {"email": [0], "state": [2]}
    assert mapped("email,status,type") == {"email": [0], "state": [1, 2]}
    assert mapped("email,mail", regions="mail") == {"email": [0], "regions": [1]}
    assert mapped("email,status", state="") == {"email": [0]}


def test_errors_of_columns_quote_the_beginning() -> None:
    with pytest.raises(InvalidInputError, match=f'no field "{"f" * 40}"'):
        map_columns(["email"], SUBSCRIBER_COLUMNS, {"f" * 50: "email"})
    with pytest.raises(InvalidInputError, match=f'no column "{"c" * 40}" \\(it has {"h" * 300}\\)'):
        map_columns(["h" * 400], SUBSCRIBER_COLUMNS, {"state": "c" * 50})


def test_a_row_may_be_shorter_than_the_header_and_not_longer() -> None:
    columns = map_columns(["email", "status", "type"], SUBSCRIBER_COLUMNS)
    assert columns.values(["a@x.example"]) == {"email": ["a@x.example"]}
    assert columns.values(["a@x.example", "", "b", ""]) == {"email": ["a@x.example"], "state": ["b"]}
    assert list(columns.named_cells(["a@x.example", ""], ["state", "email"])) == [("email", "a@x.example")]
    assert list(columns.named_cells(["", "x"], ["state"])) == [("status", "x")]
    with pytest.raises(InvalidInputError, match="the row has 4 cells, and the first line has 3"):
        columns.values(["a@x.example", "", "", "more"])


def read(text: str) -> list[list[str]]:
    table = read_table(text.encode(), has_email)
    return [list(table.header), *(list(row.cells) for row in table.rows)]


def test_a_file_has_at_most_300_columns() -> None:
    widest = ["email", *(f"c{number}" for number in range(MOST_COLUMNS - 1))]
    assert len(read(",".join(widest) + "\na@x.example\n")[0]) == MOST_COLUMNS
    with pytest.raises(InvalidInputError, match="The file has 301 columns"):
        read(",".join([*widest, "more"]) + "\n")


def test_the_separator_that_gives_the_most_cells_is_the_right_one() -> None:
    assert read("email,a|b|c\nx@x.example,1|2|3\n")[0] == ["email", "a|b|c"]
    assert read("email|a,b|c,d\n")[0] == ["email", "a,b", "c,d"]


def test_quotes_may_be_escaped_in_two_ways_and_none_is_left_open() -> None:
    assert read('email,name\na@x.example,"An ""old"" name"\n')[1] == ["a@x.example", 'An "old" name']
    assert read('email,name\na@x.example,"An \\"old\\" name"\n')[1] == ["a@x.example", 'An "old" name']
    for broken in ('email,name\na@x.example,"open\n', 'email,name\na@x.example,"open \\" \n'):
        with pytest.raises(InvalidInputError, match="no CSV: line 2"):
            read(broken)


def test_a_header_without_addresses_is_quoted_by_60_characters() -> None:
    with pytest.raises(InvalidInputError, match=f'its first line is "{"x" * 60}"'):
        read("x" * 70)


def test_the_longest_address_and_what_is_pasted_around_it() -> None:
    longest = "a" * 60 + "@" + ".".join(["d" * 62] * 3) + ".org"
    assert parse_address(longest).email == longest
    domain = ("d" * 63 + ".") * 2 + "d" * 55
    assert len(parse_address(f"{'a' * 64}@{domain}.aaaaa").email) == MAX_EMAIL_LENGTH
    with pytest.raises(InvalidInputError, match="it has 255 characters, and 254 is the most"):
        parse_address(f"{'a' * 64}@{domain}d.aaaaa")
    around = "N" * (MAX_PASTED_LENGTH - len(" <ann@example.org>")) + " <ann@example.org>"
    assert parse_address(around).email == "ann@example.org"
    with pytest.raises(InvalidInputError, match="it has 1001 characters"):
        parse_address("N" + around)


def test_what_stands_around_an_address_is_removed() -> None:
    for typed in (
        "(ann@example.org)",
        "“ann@example.org”,",
        "mailto:ann@example.org?subject=x",
        "MAILTO:ann%40example.org",
    ):
        assert tidy_address(typed) == "ann@example.org"
    with pytest.raises(InvalidInputError):
        parse_address("(ann@example.org.")  # nothing closes what was opened
    assert redact_addresses("from ann@example.org to bob@x.example: no") == "from … to …: no"
    assert address_hash("k", "ann@example.org") != address_hash("l", "ann@example.org")


@pytest.mark.parametrize(
    ("one", "key"),
    [
        ("a.n.n+x@gmail.com", "ann@gmail.com"),
        ("+x@example.org", "+x@example.org"),
        ("ann+a+b@example.org", "ann@example.org"),
        ("a.nn@example.org", "a.nn@example.org"),
    ],
)
def test_addresses_of_one_mailbox_have_one_key(one: str, key: str) -> None:
    assert mailbox_key(parse_address(one)) == key


@pytest.mark.parametrize(
    ("move", "order"),
    [
        ("up b", ["b", "a", "c"]),
        ("down b", ["a", "c", "b"]),
        ("up a", ["a", "b", "c"]),
        ("down c", ["a", "b", "c"]),
        ("up x", ["a", "b", "c"]),
        ("left b", ["a", "b", "c"]),
        ("", ["a", "b", "c"]),
    ],
)
def test_a_region_moves_by_one_place(move: str, order: list[str]) -> None:
    assert list(arrange_regions(["c", "a", "b", "a"], ["a", "x", "b"], move)) == order


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        (" 2026-01-02T03:04 ", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        ("2026-01-02 03:04:05.678 +0200", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026-02-30", None),
        ("0001-01-01 00:00 +01", None),
        ("soon", None),
    ],
)
def test_moments_of_other_programs(text: str, moment: datetime | None) -> None:
    assert read_moment(text) == moment


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("7:15", "07:15"), ("7.15 AM", "07:15"), ("12:00 am", "00:00"), ("12:30 p.m.", "12:30"), ("1:00 pm", "13:00"),
        ("07:15:00", "07:15"), ("07:15:30", "07:15:30"), ("13:00 pm", "13:00 pm"), ("0:15 am", "0:15 am"), ("7", "7"),
    ],
)  # fmt: skip
def test_times_in_other_spellings(typed: str, time: str) -> None:
    assert spell_fields({"time": typed}, ["en"])["time"] == time


def test_days_answers_and_languages_in_other_spellings() -> None:
    spelled = spell_fields(
        {"weekday": "Mon.", "show_why": "TRUE", "language": "PT_br", "cadence": "Daily"}, ["en", "pt_BR"]
    )
    assert spelled == {"weekday": "0", "show_why": "yes", "language": "pt_BR", "cadence": "daily"}
    assert spell_fields({"weekday": "su", "show_why": "off", "language": "en-GB"}, ["en"]) == {
        "weekday": "su", "show_why": "no", "language": "en"
    }  # fmt: skip
    assert spell_fields({"weekday": "sunday", "show_why": "maybe", "language": "xx"}, ["en"]) == {
        "weekday": "6", "show_why": "maybe", "language": "xx"
    }  # fmt: skip


def test_regions_with_any_separator() -> None:
    assert find_regions("South Korea", TREE) == ["kr"]
    assert find_regions("KZ GE", TREE) == ["kz", "ge"]
    assert find_regions("[Kazakhstan; 'ge' / South Korea]", TREE) == ["kz", "ge", "kr"]
    assert find_regions("", TREE) == []


def test_what_speaks_most_against_mail_counts_and_a_date_beside_it() -> None:
    sign = read_standing(
        {"state": ["active"], "bounced": ["yes", "2026-01-02"], "left": ["no"], "complained": [""]},
        {},
        "a@x.example",
    )
    assert sign is not None
    assert sign.standing in (Standing.BOUNCED, Standing.COMPLAINED)
    dated = read_standing({"bounced": ["yes", "2026-01-02"]}, {}, "a@x.example")
    assert dated is not None
    assert (dated.standing, dated.text) == (Standing.BOUNCED, "2026-01-02")
    own = read_standing({"state": ["Hard_Bounce"]}, {"hard bounce": Standing.BLOCKED}, "a@x.example")
    assert own is not None
    assert own.standing is Standing.BLOCKED
    assert read_standing({}, {}, "a@x.example") is None


def test_only_the_active_are_imported_without_further_ado() -> None:
    check_receives({"state": ["active"]}, "a@x.example")
    check_receives({}, "a@x.example")
    with pytest.raises(InvalidInputError, match=f'a@x.example is "{"z" * 20}"'):
        check_receives({"state": ["z" * 30]}, "a@x.example")
    with pytest.raises(InvalidInputError, match="unsubscribed"):
        check_receives({"state": ["active"], "subscribed": ["unsubscribed"]}, "a@x.example")


def test_a_files_name_says_who_is_in_it() -> None:
    program = Program("X", {}, {"unsub": Standing.LEFT, "clean": Standing.BOUNCED})
    assert program.standing_of_file("unsub/Cleaned_2026.csv") is Standing.BOUNCED
    assert program.standing_of_file("unsub/all.csv") is Standing.ACTIVE


def test_only_our_own_export_has_pauses_with_an_end() -> None:
    assert [name for name, program in programs().items() if program.pauses] == ["dateline"]


def test_an_error_about_an_address_shows_80_characters() -> None:
    for length, shown in ((80, "x" * 80), (81, "x" * 79 + "…")):
        with pytest.raises(InvalidInputError, match=f'^"{shown}" is not'):
            parse_address("x" * length)
