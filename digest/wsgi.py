"""The web application: `gunicorn digest.wsgi:app`. In a checkout also `gunicorn wsgi:app`."""

from digest import private_files
from digest.app import create_app, create_watcher
from digest.settings import Settings

private_files.keep_private()
app = create_app(Settings.from_env(), program="dateline-web")
create_watcher(app).start()
