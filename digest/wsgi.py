"""The web application: `gunicorn digest.wsgi:app`. In a checkout also `gunicorn wsgi:app`."""

from digest import private_files
from digest.app import create_app, create_watcher
from digest.child_processes import share_loaded_modules
from digest.settings import Settings

private_files.keep_private()
app = create_app(Settings.from_env(), program="dateline-web")
# Else the garbage collector scans all that is loaded again and again: 0.3 s of processor time in each fifth request for
# a large page.
share_loaded_modules()
create_watcher(app).start()
