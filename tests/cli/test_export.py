"""`dateline export`: every table is exported or left out on purpose, and no secret is in the output."""

import json
from collections import Counter

from digest.accounts import api_tokens
from digest.accounts.audit import Actor
from digest.cli.export import export
from digest.database import Base
from digest.exports import store
from digest.look.logos import LogoFile
from digest.look.pure.look import Logo
from digest.look.store import add_picture
from digest.parts import Parts
from tests.builders import World
from tests.cli.conftest import RunCommand

SECRET_WORDS = ("secret", "password", "session", "totp")


def test_every_row_is_a_line_after_those_that_it_refers_to(run: RunCommand, world: World) -> None:
    world.article("Kazakhstan opens a port", ["KZ"])
    world.subscriber("ann@example.org")
    lines = [json.loads(line) for line in run(export).out.splitlines()]
    counts = Counter(line["table"] for line in lines)
    assert counts["subscribers"] == counts["articles"] == counts["article_tags"] == counts["stories"] == 1
    tables = [line["table"] for line in lines]
    assert tables.index("preferences") < tables.index("subscribers")
    assert tables.index("sources") < tables.index("articles") < tables.index("article_tags")
    (row,) = (line["row"] for line in lines if line["table"] == "subscribers")
    assert (row["email"], row["state"], row["created_at"]) == (
        "ann@example.org",
        "active",
        "2026-03-10T12:00:00+00:00",
    )
    assert {
        line["table"] for line in map(json.loads, run(export, "--table", "sources").out.splitlines())
    } == {"sources"}
    assert '"x" is none of' in run(export, "--table", "x").err


def test_pictures_are_base64(run: RunCommand, parts: Parts) -> None:
    with parts.db.begin() as tx:
        add_picture(tx, LogoFile(Logo("a.png", 1, 1, False), "image/png", b"\x89PNG"), parts.clock())
    (line,) = run(export, "--table", "look_pictures").out.splitlines()
    assert json.loads(line)["row"]["content"] == "iVBORw=="


def test_no_secret_is_exported(run: RunCommand, parts: Parts) -> None:
    secret = api_tokens.create(parts.db, "x", ["read"], actor=Actor("ann"), now=parts.clock())
    out = run(export).out
    assert '"api_tokens"' in out
    assert secret not in out
    columns = {name for columns in store.exported_columns().values() for name in columns}
    assert not {name for name in columns if any(word in name for word in SECRET_WORDS)}


def test_what_is_left_out_exists() -> None:
    tables = Base.metadata.tables
    assert set(tables) > store.LEFT_OUT_TABLES
    assert all(column in tables[table].columns for table, column in store.LEFT_OUT_COLUMNS)
