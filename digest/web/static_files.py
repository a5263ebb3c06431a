"""Style sheets, scripts and icons: at addresses with a hash of their content, kept for a year, and compressed once.

A page's links change with the file, so no browser shows an old style to a new page. A reverse proxy that serves the
folder itself takes this work from the application; what it answers may differ in the headers alone.
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, request, send_from_directory
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from digest.web.page_cache import kept_page

A_YEAR, AN_HOUR = 31_536_000, 3600  # seconds
COMPRESSED = (".css", ".js", ".svg")


def register(app: Flask) -> None:
    """Serve the application's static files."""
    folder = Path(str(app.static_folder))
    # The files change only with a release, and then the processes are restarted.
    versions = {str(path.relative_to(folder)): _hash(path) for path in folder.rglob("*") if path.is_file()}
    app.url_defaults(lambda endpoint, values: _add_version(versions, endpoint, values))
    app.view_functions["static"] = lambda filename: _serve(folder, versions, filename)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _add_version(versions: Mapping[str, str], endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (version := versions.get(values["filename"])):
        values.setdefault("v", version)


def _serve(folder: Path, versions: Mapping[str, str], filename: str) -> Response:
    def load() -> FlaskResponse:
        return FlaskResponse((folder / filename).read_bytes(), mimetype=mimetypes.guess_type(filename)[0])

    if filename in versions and filename.endswith(COMPRESSED):
        response = kept_page(("static", filename), load, max_age=AN_HOUR)
    else:
        response = send_from_directory(folder, filename, max_age=AN_HOUR)
    if filename in versions and request.args.get("v") == versions[filename]:
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
