"""Browser sessions of an editor, a manager and an admin, and a news site."""

from tests.admin.news_site import site  # noqa: F401
from tests.feedback.conftest import scenario  # noqa: F401
from tests.web.conftest import admin, editor, manager  # noqa: F401
