"""Writes the table of who may open which page into docs/roles.md: `python -m tools.route_table`.

A test compares the file with what this makes, so that the table is always true.
"""

import tempfile
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from digest.app import create_app
from digest.route_access import ACCESS, Access
from digest.settings import Settings

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "roles.md"
TABLE_START, TABLE_END = "<!-- routes -->\n", "<!-- end of routes -->\n"
SILENT_METHODS = {"HEAD", "OPTIONS"}


def table(app: Flask) -> str:
    """The table in Markdown: path, methods, lowest role, and whether a recent proof is needed."""
    lines = ["| Path | Methods | Lowest role | Proof in the last half hour |", "|---|---|---|---|"]
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, _methods(rule)))
    for rule in rules:
        access = ACCESS[rule.endpoint]
        path = rule.rule.replace("|", "\\|")
        lines.append(f"| `{path}` | {_methods(rule)} | {_role(access)} | {'yes' if access.recent else ''} |")
    return "\n".join(lines) + "\n"


def with_table(text: str, new_table: str) -> str:
    """The document with its table replaced."""
    before, _, rest = text.partition(TABLE_START)
    return before + TABLE_START + "\n" + new_table + "\n" + TABLE_END + rest.partition(TABLE_END)[2]


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.from_env({"DATELINE_VAR": folder, "REDIS_URL": "redis://127.0.0.1:1"}))
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8"), table(app)), encoding="utf-8")


def _methods(rule: Rule) -> str:
    return ", ".join(sorted((rule.methods or set()) - SILENT_METHODS))


def _role(access: Access) -> str:
    if access.scope is not None:
        return f"a token with the scope {access.scope}"
    if access.role is None:
        return "everybody"
    return f"{access.role}, also before setting up" if access.before_setup else str(access.role)


if __name__ == "__main__":
    main()
