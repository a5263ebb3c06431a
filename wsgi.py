"""The entry point of the web server in a checkout: `gunicorn wsgi:app`."""

from digest.wsgi import app

__all__ = ["app"]
