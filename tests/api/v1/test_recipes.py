"""The recipes of docs/api.md: every request is sent as it stands there, and answered as it stands there."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from digest import tasks
from digest.parts import EXTENSION_KEY, Parts
from digest.project_files import ROOT
from tests.api.v1.conftest import ApiClient
from tests.builders import World

RECIPES = (
    (ROOT / "docs" / "api.md").read_text(encoding="utf-8").partition("## Recipes")[2].partition("\n## ")[0]
)
NAMES = re.findall(r"^### (.+)$", RECIPES, re.MULTILINE)
STEP = re.compile(r"```http\n(?P<request>.*?)```\s+```json (?P<status>\d+)\n(?P<answer>.*?)```", re.DOTALL)
ANYTHING = "…"


def steps_of(name: str) -> list[re.Match[str]]:
    """The requests of a recipe with their answers."""
    recipe = RECIPES.partition(f"### {name}\n")[2].partition("\n### ")[0]
    steps = list(STEP.finditer(recipe))
    assert len(steps) == recipe.count("```http")
    return steps


def has(answer: Any, shown: Any) -> bool:
    """Whether an answer has what is shown; "…" stands for anything, and an answer may have more fields."""
    if shown == ANYTHING:
        return True
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(
            name in answer and has(answer[name], shown[name]) for name in shown
        )
    if isinstance(shown, list):
        return isinstance(answer, list) and len(answer) == len(shown) and all(map(has, answer, shown))
    return bool(answer == shown)


def work(app: Flask) -> None:
    """What the worker does meanwhile."""
    tasks._plan_due(app.extensions[EXTENSION_KEY], app.extensions["celery"])
    tasks._plan_edition(app.extensions[EXTENSION_KEY], app.extensions["celery"], 1)


def test_there_are_ten_recipes() -> None:
    assert len(NAMES) >= 10
    assert all(steps_of(name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_works_as_it_is_written(
    name: str, api: ApiClient, app: Flask, world: World, parts: Parts
) -> None:
    settings = replace(parts.settings, sign_up_origins=frozenset(["https://www.example.com"]))
    app.extensions[EXTENSION_KEY] = replace(parts, settings=settings)
    far = parts.clock().replace(year=2027)
    for email, region in (("ann", "central-asia"), ("bob", "ge"), ("cleo", "world")):
        world.subscriber(f"{email}@example.org", [region], next_due_at=far)
    world.article("Kazakhstan opens a port on the Caspian Sea", ["KZ"])
    answer = None
    for step in steps_of(name):
        head, _, body = step["request"].partition("\n\n")
        line, *header_lines = head.strip().splitlines()
        method, path = line.split(" ")
        if answer is not None:
            path = path.replace("NEXT", str((answer.json or {}).get("next")))
            header_lines = [each.replace("ETAG", answer.headers.get("ETag", "")) for each in header_lines]
        headers = dict(each.split(": ", 1) for each in header_lines)
        answer = api.send(
            method, path.removeprefix("/api/v1"), json.loads(body) if body.strip() else None, **headers
        )
        assert answer.status_code == int(step["status"]), answer.text
        if step["answer"].strip():
            assert has(answer.json, json.loads(step["answer"])), answer.text
        if path.endswith(("/freeze", "/send")):
            work(app)
