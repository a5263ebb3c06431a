"""`dateline look`: what readers of a language see, and the look as a file."""

import json

from digest.cli.look import look_group
from digest.parts import Parts
from tests.cli.conftest import RunCommand

FILE = {
    "format": "dateline-look",
    "version": 1,
    "words": {"all": {"name": "Silk Road"}, "de": {"name": "Seidenstraße"}},
}


def test_a_look_is_imported_shown_and_exported(run: RunCommand, parts: Parts) -> None:
    assert (
        run(look_group, "import", "-", stdin=json.dumps(FILE | {"colour": "#8b0050"})).out
        == "The look is saved.\n"
    )
    lines = run(look_group, "show", "--lang", "de").out.splitlines()
    assert "name: Seidenstraße (language)" in lines
    assert "postal_address: 1 Test Street, Testville (environment)" in lines
    assert "colour: #8b0050" in lines
    exported = json.loads(run(look_group, "export").out)
    assert exported["words"] == FILE["words"]
    again = run(look_group, "import", "-", stdin=json.dumps(exported))
    assert again.out == "The look is the same as before.\n"


def test_a_wrong_file_names_what_is_wrong(run: RunCommand) -> None:
    result = run(look_group, "import", "-", stdin=json.dumps(FILE | {"colour": "#ffdd00"}))
    assert result.status == 2
    assert "contrast of 1.3 to 1" in result.err
