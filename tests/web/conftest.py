"""Browsers for the tests of the pages."""

import pytest
from flask import Flask

from tests.web.browser_session import Desk, desk


@pytest.fixture
def editor(app: Flask) -> Desk:
    return desk(app, "editor")


@pytest.fixture
def admin(app: Flask) -> Desk:
    return desk(app, "admin")
