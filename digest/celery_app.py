"""The Celery application: `celery -A digest.celery_app beat`. In a checkout also `celery -A worker beat`."""

import gc

from celery.signals import beat_init

from digest import private_files
from digest.app import create_app, create_watcher
from digest.settings import Settings

private_files.keep_private()
# Celery would take a variable named app for its own application.
web_application = create_app(Settings.from_env(), program="dateline-worker", pages=False)
celery = web_application.extensions["celery"]
beat_init.connect(lambda **_: create_watcher(web_application).start(), weak=False)
# What is loaded by now stays loaded. Freezing spares the garbage collector from scanning it again and again (a sixth of
# the time of composing), and child processes go on sharing it (https://docs.python.org/3/library/gc.html#gc.freeze).
gc.freeze()
