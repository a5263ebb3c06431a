"""The entry point of the web server: `gunicorn wsgi:app`."""

from digest.app import create_app
from digest.settings import Settings

app = create_app(Settings.from_env(), program="dateline-web")
