"""The examples for nginx and Caddy: what they keep, serve and pass on fits the application."""

import re
from pathlib import Path

from flask import Flask

from digest.project_files import ROOT

EXAMPLES = ROOT / "docs" / "examples"
NGINX = (EXAMPLES / "nginx.conf").read_text()
CADDY = (EXAMPLES / "Caddyfile").read_text()
KEPT = re.compile(r"location ~ (\S+) \{\n\s+proxy_cache ")
SAMPLES = {"slug": "central-asia", "day": "2026-03-10", "kind": "atom", "public_id": "x", "token": "x"}


def sample_paths(app: Flask) -> dict[str, str]:
    """A path of each route that answers GET, by endpoint."""
    converters = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
    return {
        rule.endpoint: converters.sub(lambda found: SAMPLES.get(found[1], "1"), rule.rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    }


def test_nginx_keeps_the_feeds_and_nothing_else(app: Flask) -> None:
    (kept,) = KEPT.findall(NGINX)
    paths = sample_paths(app)
    found = {endpoint for endpoint, path in paths.items() if re.match(kept, path)}
    assert found == {"web.feed", "web.mixed_feed"}


def test_feeds_may_be_kept_by_everybody(app: Flask) -> None:
    answer = app.test_client().get("/regions/central-asia/feed.atom")
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers


def test_nginx_passes_the_host_with_its_port() -> None:
    assert "proxy_set_header Host $http_host;" in NGINX
    assert "proxy_set_header X-Forwarded-Host $http_host;" in NGINX
    assert not re.search(r"\$host\b", NGINX)


def test_both_serve_the_folder_of_static_files(app: Flask) -> None:
    served = re.findall(r"(?:alias|root \*) /srv/dateline/(\S+?)/?;?$", NGINX + CADDY, re.MULTILINE)
    assert {ROOT / folder for folder in served} == {Path(str(app.static_folder))}
    assert len(served) == 2
