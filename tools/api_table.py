"""Writes the table of the API's operations into docs/api.md: `python -m tools.api_table`.

A test compares the file with what this makes, so that the table is always true.
"""

import tempfile
from pathlib import Path

from digest.api.v1.openapi import description
from digest.app import create_app
from digest.route_access import ACCESS
from digest.settings import Settings

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "api.md"
TABLE_START, TABLE_END = "<!-- operations -->\n", "<!-- end of operations -->\n"


def table() -> str:
    """The table in Markdown: method and path, scope, and what the operation does."""
    lines = ["| Operation | Scope | Does |", "|---|---|---|"]
    for path, methods in description()["paths"].items():
        for method, described in methods.items():
            scope = ACCESS[f"v1.{described['operationId']}"].scope or "none"
            shown = path.removeprefix("/api/v1")
            lines.append(f"| `{method.upper()} {shown}` | {scope} | {described['summary']} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table."""
    text = DOCUMENT.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.from_env({"DATELINE_VAR": folder, "REDIS_URL": "redis://127.0.0.1:1"}))
        with app.app_context():
            new_table = table()
    before, _, rest = text.partition(TABLE_START)
    after = rest.partition(TABLE_END)[2]
    DOCUMENT.write_text(f"{before}{TABLE_START}\n{new_table}\n{TABLE_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
