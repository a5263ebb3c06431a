"""Browser sessions of an editor, a manager and an admin."""

from tests.feedback.conftest import scenario  # noqa: F401
from tests.web.conftest import admin, editor, manager  # noqa: F401
