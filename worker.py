"""Celery's entry: `celery -A worker worker` and `celery -A worker beat`."""

import gc

from digest.app import create_app
from digest.settings import Settings

celery = create_app(Settings.from_env()).extensions["celery"]
# What is loaded by now stays as long as the process: the collector need not look at it again and again (a sixth of the
# time of composing), and a worker's children go on sharing it (https://docs.python.org/3/library/gc.html#gc.freeze).
gc.freeze()
