"""`dateline regions tag` and `explain`: the commands that tag texts."""

import json

from click.testing import CliRunner, Result

from digest.cli.regions import regions_group


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(regions_group, arguments, input=stdin)


def test_each_input_line_gives_an_output_line() -> None:
    lines = [
        {"id": "a", "title": "Snow in Almaty", "text": "Kazakh roads closed."},
        {"id": 7, "title": "Quarterly profit", "text": None},
        {"id": "b", "title": "Georgia votes", "home": "us"},
    ]
    result = run("tag", stdin="\n".join(json.dumps(line) for line in lines).encode())
    assert result.exit_code == 0
    tagged_lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert tagged_lines == [
        {
            "id": "a",
            "countries": ["KZ"],
            "primary": "KZ",
            "groups": [],
            "evidence": [
                {"country": "KZ", "where": "title", "words": "Almaty"},
                {"country": "KZ", "where": "lead", "words": "Kazakh"},
            ],
        },
        {"id": 7, "countries": [], "primary": None, "groups": [], "evidence": []},
        {
            "id": "b",
            "countries": ["US"],
            "primary": "US",
            "groups": [],
            "evidence": [{"country": "US", "where": "title", "words": "Georgia"}],
        },
    ]


def test_an_invalid_line_is_reported_and_the_others_are_tagged() -> None:
    invalid = [b"nope", b'{"title":"no id"}', b'{"id":1,"title":2}', b"\xff", b"[" * 100_000, b'"text"']
    result = run("tag", stdin=b"\n".join([*invalid, b"", b'{"id":"last","title":"Peru"}']))
    assert result.exit_code == 2
    assert [json.loads(line)["primary"] for line in result.stdout.splitlines()] == ["PE"]
    errors = result.stderr.splitlines()
    assert [line.split(":")[0] for line in errors] == [f"line {number}" for number in range(1, 7)]
    assert '"title" is a int, not a text' in errors[2]


def test_a_line_that_is_too_long_is_refused_and_the_next_one_is_read() -> None:
    long_line = b'{"id":"x","title":"' + b"x" * 9_000_000 + b'"}'
    result = run("tag", stdin=long_line + b'\n{"id":"y","title":"Peru"}\n')
    assert result.exit_code == 2
    assert "line 1: more than" in result.stderr
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["y"]


def test_an_explanation_marks_the_words_and_names_their_kind() -> None:
    result = run("explain", "TASHKENT, Jan 11 - Uzbek police opened the square.")
    assert result.stdout.splitlines() == [
        "[TASHKENT|UZ], Jan 11 - [Uzbek|UZ] police opened the square.",
        "1.00  UZ  Uzbekistan",
        "      dateline  capital     TASHKENT",
        "      lead      demonym     Uzbek",
    ]
    assert run("explain", "Nothing here.").stdout == "Nothing here.\nAbout no country.\n"
    assert run("explain", "-", stdin="Снег в Ташкенте.\n".encode()).stdout.startswith(
        "Снег в [Ташкенте|UZ].\n1.00  UZ"
    )


def test_an_explanation_lists_countries_in_passing() -> None:
    text = "Peru votes in Lima. Peru counts in Cusco, the BBC says, and a sheriff says so, too."
    result = run("explain", "--title", "Peru votes", text)
    assert result.stdout.splitlines()[2] == "1.00  PE  Peru"
    assert result.stdout.splitlines()[-1] == "In passing: GB (BBC), US (sheriff)"


def test_an_invalid_home_country_is_reported() -> None:
    result = run("explain", "--home", "uk", "Snow in Perth.")
    assert result.exit_code == 2
    assert '"uk" is not a country code (example: --home KZ)' in result.stderr
    assert "GB  United Kingdom" in run("explain", "--home", "gb", "Snow in Perth.").stdout


def test_a_json_explanation_has_weights_and_kinds() -> None:
    tags = json.loads(run("explain", "--json", "--title", "Peru votes", "Lima is quiet.").stdout)
    assert tags == [
        {
            "country": "PE",
            "weight": 1.0,
            "evidence": [
                {"where": "title", "kind": "name", "words": "Peru"},
                {"where": "lead", "kind": "capital", "words": "Lima"},
            ],
        }
    ]


def test_the_help_of_each_command_has_an_example() -> None:
    for command in ("tag", "list", "explain", "corrections"):
        help_text = run(command, "--help").stdout
        assert "Example:" in help_text
        assert f"dateline regions {command}" in help_text
