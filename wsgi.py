"""The web server's entry: `gunicorn wsgi:app`."""

from digest.app import create_app
from digest.settings import Settings

app = create_app(Settings.from_env())
