"""Browsers for the tests of the pages."""

import pytest
from flask import Flask

from tests.web.browser_session import BrowserSession, sign_in_as


@pytest.fixture
def editor(app: Flask) -> BrowserSession:
    return sign_in_as(app, "editor")


@pytest.fixture
def manager(app: Flask) -> BrowserSession:
    return sign_in_as(app, "manager")


@pytest.fixture
def admin(app: Flask) -> BrowserSession:
    return sign_in_as(app, "admin")
