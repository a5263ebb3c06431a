"""The Celery application: `celery -A digest.celery_app beat`. In a checkout also `celery -A worker beat`."""

import gc

from digest import private_files
from digest.app import create_app
from digest.settings import Settings

private_files.keep_private()
celery = create_app(Settings.from_env(), program="dateline-worker").extensions["celery"]
# What is loaded by now stays loaded. Freezing spares the garbage collector from scanning it again and again (a sixth of
# the time of composing), and child processes go on sharing it (https://docs.python.org/3/library/gc.html#gc.freeze).
gc.freeze()
