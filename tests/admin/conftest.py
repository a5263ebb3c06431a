"""Browser sessions of an editor and of an admin."""

from tests.feedback.conftest import scenario  # noqa: F401
from tests.web.conftest import admin, editor  # noqa: F401
