"""One application for all tests with the same settings. Making one takes longer than most tests of a page.

Each test gets it as it was made: with parts, a Celery application and kept pages of its own, and without what tests
before it have changed. `test_shared_application.py` compares it with a new one.
"""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from digest import broker, logs, tasks
from digest.admin import kept_values
from digest.app import build_parts, create_app
from digest.kept_answers import KeptAnswers
from digest.parts import EXTENSION_KEY
from digest.settings import Settings
from digest.web import opened_story, page_cache

CONTAINERS = (dict, list, set)


class SharedApplications:
    """Applications by the settings they were made with."""

    def __init__(self) -> None:
        self._kept: dict[Settings, SharedApplication] = {}

    def take(self, settings: Settings) -> Flask:
        """An application with these settings, as `create_app` makes it."""
        if settings.trusted_proxies:  # wraps the application once more
            return create_app(settings)
        key = replace(settings, var=Path(), redis_url=broker_without_folder(settings))
        shared = self._kept.get(key)
        if shared is None or shared.has_other_routes():
            shared = self._kept[key] = SharedApplication(create_app(settings))
        else:
            shared.renew(settings)
        return shared.app


class SharedApplication:
    """An application, and what it was like when it was made."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        assert isinstance(app.wsgi_app, KeptAnswers)
        self._without_kept_answers = app.wsgi_app._next
        self._routes = routes_of(app)
        self._attributes = {name: copied(value) for name, value in vars(app).items()}
        self._template_names = {name: copied(values) for name, values in template_names(app).items()}

    def has_other_routes(self) -> bool:
        """Whether a test has added routes, which nothing can remove."""
        return routes_of(self.app) != self._routes

    def renew(self, settings: Settings) -> None:
        """Make it again what `create_app` would return for these settings."""
        app = self.app
        logs.configure_logging(settings)
        for name, value in self._attributes.items():
            if isinstance(value, CONTAINERS):
                refill(getattr(app, name), value)
            else:
                setattr(app, name, value)
        for name, values in self._template_names.items():
            refill(template_names(app)[name], values)
        parts = build_parts(settings)
        app.extensions[EXTENSION_KEY] = parts
        app.extensions["celery"] = tasks.create_celery(parts, broker.broker_url(settings))
        app.extensions.pop(kept_values.EXTENSION, None)
        for limiter in app.extensions["limiter"]:
            limiter._fallback_storage.reset()
        page_cache.register(app)
        opened_story.register(app)
        app.wsgi_app = self._without_kept_answers  # type: ignore[method-assign]
        app.wsgi_app = KeptAnswers(app)  # type: ignore[method-assign]


def routes_of(app: Flask) -> list[Rule]:
    """All routes of an application."""
    return list(app.url_map.iter_rules())


def template_names(app: Flask) -> dict[str, dict[str, Any]]:
    """What templates can call."""
    environment = app.jinja_env
    return {"globals": environment.globals, "filters": environment.filters, "tests": environment.tests}


def broker_without_folder(settings: Settings) -> str:
    """The address of the broker; the sockets of brokers that do not run are all alike."""
    name = "nobody-listens.sock"
    return name if settings.redis_url.endswith(name) else settings.redis_url


def copied(value: Any) -> Any:
    """Dictionaries, lists and sets copied, with those that they contain; anything else as it is."""
    if not isinstance(value, CONTAINERS):
        return value
    twin: Any = copy.copy(value)
    if isinstance(twin, dict):
        twin.update((name, copied(inner)) for name, inner in twin.items())
    elif isinstance(twin, list):
        twin[:] = map(copied, twin)
    return twin


def refill(container: Any, values: Any) -> None:
    """Make a container have these values again. It stays the same object, which others may hold."""
    container.clear()
    if isinstance(container, list):
        container.extend(copied(values))
    else:
        container.update(copied(values))
