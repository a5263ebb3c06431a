"""Requests that schemathesis makes of the API's description: right ones and wrong ones, to every operation.

No answer may be a 5xx, or another one than the description has. GENERATED_EXAMPLES=200 makes a longer trial.
"""

import os
from dataclasses import replace
from typing import Any

import hypothesis
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given

from digest.settings import Settings
from tests.api.v1.conftest import BASE, new_client
from tests.builders import World

pytestmark = pytest.mark.release

EXAMPLES = int(os.environ.get("GENERATED_EXAMPLES", "3"))  # right and wrong ones, for each operation
EXCLUDED = {("POST", "/api/v1/sources")}  # fetches what it is given; test_news.py tries it
# Right values may be refused for what is in the database, and requests without a token count against their network.
UNCHECKED = {"positive_data_acceptance", "ignored_auth"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, api_rate=1_000_000)


def test_no_request_gets_an_answer_that_is_not_described(app: Flask, world: World) -> None:
    # Imported here, because all processes of the other tests would load it too.
    import schemathesis
    from schemathesis.checks import CHECKS, load_all_checks
    from schemathesis.core.result import Ok
    from schemathesis.generation import GenerationMode

    world.article("Kazakhstan opens a port on the Caspian Sea", ["KZ"])
    world.subscriber()
    client = new_client(app, "admin")
    client.call("POST", "/editions", {"audience": {"kind": "everyone"}}, status=201)
    headers = {"Authorization": f"Bearer {client.token}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, base_url=BASE)
    load_all_checks()
    unchecked: Any = CHECKS.get_by_names(sorted(UNCHECKED))
    tried = 0

    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if (operation.method.upper(), operation.path) in EXCLUDED:
            continue
        for mode in GenerationMode:

            @hypothesis.seed(1)
            @hypothesis.settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(mode))
            def send(case: Any) -> None:
                nonlocal tried
                tried += 1
                case.call_and_validate(base_url=BASE, headers=headers, excluded_checks=unchecked)

            send()
    assert tried > 100
