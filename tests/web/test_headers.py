"""What every answer carries, and which hosts we answer for."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import World
from tests.web.subscribers import ANN, link_path

SITE = "https://news.example.org"
PAGES = (
    "/?regions=ge",
    "/sent",
    "/link",
    "/admin/sign-in",
    "/no-such-page",
    "/confirm/forged",
    "/read/nothing",
    "/healthz",
)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_carries_the_headers_that_keep_it_to_itself(client: FlaskClient, page: str) -> None:
    headers = client.get(page, base_url=SITE).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy


def test_pages_with_a_link_of_a_readers_are_not_kept_or_told_on(
    app: Flask, client: FlaskClient, world: World
) -> None:
    ann = world.subscriber(ANN)
    for purpose in ("preferences", "unsubscribe"):
        headers = client.get(link_path(app, purpose, ann.public_id), base_url=SITE).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "news.example.org.evil.example", "127.0.0.1.evil.example"])
@pytest.mark.parametrize("page", ["/", "/admin/", "/healthz"])
def test_a_foreign_host_is_refused(client: FlaskClient, host: str, page: str) -> None:
    answer = client.get(page, base_url=f"https://{host}")
    assert answer.status_code == 400
    assert host not in answer.headers.get("Location", "")


def test_cookies_are_for_this_site_over_tls_and_not_for_scripts(client: FlaskClient) -> None:
    cookie = client.get("/link", base_url=SITE).headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))


def test_pages_have_no_script_or_style_within(client: FlaskClient) -> None:
    for page in PAGES[:4]:
        text = client.get(page, base_url=SITE).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count("<script src=")


def test_a_wrong_method_and_a_too_large_request_get_error_pages(client: FlaskClient) -> None:
    assert client.delete("/", base_url=SITE).status_code == 405
    answer = client.post("/", base_url=SITE, data={"email": "x" * 3_000_000})
    assert answer.status_code in (400, 413)
