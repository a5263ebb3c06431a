"""Celery's entry: `celery -A worker worker` and `celery -A worker beat`."""

from digest.app import create_app
from digest.settings import Settings

celery = create_app(Settings.from_env()).extensions["celery"]
