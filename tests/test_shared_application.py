"""The application that tests share is, for each of them, like a new one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.local import LocalProxy

from digest.admin import kept_values
from digest.app import create_app
from digest.editions.bounded_cache import BoundedCache
from digest.kept_answers import KeptAnswers
from digest.parts import EXTENSION_KEY
from digest.settings import Settings
from digest.web import opened_story, page_cache
from tests.shared_application import SharedApplications, template_names

RENEWED = (EXTENSION_KEY, "celery", page_cache.EXTENSION, opened_story.EXTENSION)
# Extensions of libraries: translations, the exempt views, and the limiter, whose counts are renewed.
LASTING = ("babel", "csrf", "limiter")


def outline(value: Any) -> Any:
    """What an attribute of an application has in it; of functions and objects their names and types."""
    if type(value) is LocalProxy:  # can only be looked into during a request
        return LocalProxy.__name__
    if isinstance(value, Mapping):
        outlines = {name: outline(inner) for name, inner in value.items()}
        return {name: inner for name, inner in outlines.items() if inner not in ({}, [])}
    if isinstance(value, list | set | tuple):
        return [outline(inner) for inner in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return getattr(value, "__qualname__", type(value).__qualname__)


def caches_of_pages(app: Flask) -> list[BoundedCache[Any]]:
    assert isinstance(app.wsgi_app, KeptAnswers)
    return [app.extensions[page_cache.EXTENSION], app.wsgi_app._answers]


def outline_of(app: Flask) -> dict[str, Any]:
    return {name: outline(value) for name, value in (vars(app) | template_names(app)).items()}


@pytest.fixture
def used(settings: Settings) -> Iterator[tuple[SharedApplications, Flask]]:
    """An application that a test has used and changed."""
    shared = SharedApplications()
    app = shared.take(settings)
    client = app.test_client()
    assert client.get("/healthz", base_url="https://news.example.org").status_code == 200
    app.testing = True
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False, OTHER="value")
    app.view_functions["web.join"] = app.view_functions["extra"] = lambda: "another"
    app.before_request_funcs[None].clear()
    app.after_request_funcs["web"] = [lambda response: response]
    app.extensions[kept_values.EXTENSION] = {"count": 1}
    app.extensions["other"] = object()
    app.jinja_env.globals["other"] = app.jinja_env.filters["digits"] = str
    app.wsgi_app = Response("another")  # type: ignore[method-assign]
    yield shared, app
    app.extensions[EXTENSION_KEY].db.close()


def test_what_a_test_has_changed_is_as_in_a_new_application(
    used: tuple[SharedApplications, Flask], settings: Settings
) -> None:
    shared, app = used
    assert shared.take(settings) is app
    assert outline_of(app) == outline_of(create_app(settings))


def test_each_extension_is_renewed_or_known_to_keep_nothing_of_a_test(settings: Settings) -> None:
    assert set(create_app(settings).extensions) == {*RENEWED, *LASTING}
    shared = SharedApplications()
    before = dict(shared.take(settings).extensions)
    after = shared.take(settings).extensions
    assert {name for name in before if before[name] != after[name]} == set(RENEWED)


def test_the_parts_of_a_test_have_its_settings_and_its_database(settings: Settings, tmp_path: Path) -> None:
    shared = SharedApplications()
    first = shared.take(settings)
    other = replace(settings, var=tmp_path / "other")
    parts = shared.take(other).extensions[EXTENSION_KEY]
    assert shared.take(other) is first
    assert (parts.settings, parts.db.engine.url.database) == (other, str(other.var / "dateline.sqlite3"))


def test_other_settings_get_another_application(settings: Settings) -> None:
    shared = SharedApplications()
    apps = [
        shared.take(settings),
        shared.take(replace(settings, base_url="http://127.0.0.1:8000")),
        shared.take(replace(settings, trusted_proxies=1)),
        shared.take(replace(settings, trusted_proxies=1)),
    ]
    assert len(set(map(id, apps))) == 4


def test_a_route_that_a_test_adds_is_not_there_in_the_next_one(settings: Settings) -> None:
    shared = SharedApplications()
    first = shared.take(settings)
    first.add_url_rule("/brand-new", "brand_new", lambda: "secret")
    second = shared.take(settings)
    assert second is not first
    assert "brand_new" not in second.view_functions


def test_pages_that_were_kept_for_a_test_are_gone_in_the_next_one(app: Flask, settings: Settings) -> None:
    shared = SharedApplications()
    taken = shared.take(settings)
    address = "https://news.example.org"
    assert taken.test_client().get("/", base_url=address).status_code == 200
    assert all(cache._values for cache in caches_of_pages(taken))
    shared.take(settings)
    assert not any(cache._values for cache in caches_of_pages(taken))


def test_requests_of_another_test_count_for_no_limit(app: Flask, settings: Settings) -> None:
    shared = SharedApplications()

    def post() -> int:
        taken.config["WTF_CSRF_ENABLED"] = False
        return taken.test_client().post("/link", base_url="https://news.example.org").status_code

    taken = shared.take(settings)
    assert [post() for _ in range(11)][-1] == 429
    taken = shared.take(settings)
    assert post() != 429
