"""`dateline tokens`: a secret is printed once, and the list shows none."""

import json

from digest.accounts import api_tokens
from digest.cli.tokens import tokens_group
from digest.parts import Parts
from tests.cli.conftest import RunCommand


def test_a_token_is_made_listed_and_revoked(run: RunCommand, parts: Parts) -> None:
    made = run(tokens_group, "add", "intranet", "--scope", "read", "--scope", "send", "--days", "30")
    secret = made.out.strip()
    assert api_tokens.find_holder(parts.db, secret, address=None, now=parts.clock()).name == "intranet"
    assert "can't be shown again" in made.err
    (row,) = map(json.loads, run(tokens_group, "list", "--json").out.splitlines())
    assert (row["name"], row["scopes"], row["revoked_at"]) == ("intranet", ["read", "send"], None)
    assert secret not in json.dumps(row)
    assert "read send\tanywhere\texpires 2026-04-09" in run(tokens_group, "list").out
    assert run(tokens_group, "revoke", "intranet").out == "the token intranet is revoked\n"
    assert "\trevoked\t" in run(tokens_group, "list").out


def test_wrong_input_is_refused_with_the_mend(run: RunCommand) -> None:
    assert "dateline tokens add NAME" in run(tokens_group, "list").err
    assert run(tokens_group, "add", "intranet").status == 2
    assert "is not a network" in run(tokens_group, "add", "x", "--scope", "read", "--network", "here").err
    assert "dateline tokens list" in run(tokens_group, "revoke", "nobody").err
