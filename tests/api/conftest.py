"""Fixtures of webhooks and of feedback on deliveries."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from flask import Flask
from werkzeug.test import TestResponse

from digest.parts import EXTENSION_KEY
from tests.api.signed_requests import (
    EC_KEY,
    LOGIN,
    SECRET,
    TOPIC,
    AmazonFetcher,
    PostToWebhook,
)
from tests.feedback.conftest import (
    scenario,  # noqa: F401
)


@pytest.fixture
def amazon(app: Flask) -> AmazonFetcher:
    """Configures all webhooks; returns the fetcher that the application uses."""
    parts, fetcher = app.extensions[EXTENSION_KEY], AmazonFetcher()
    public_key = EC_KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    settings = replace(
        parts.settings,
        webhook_secret=SECRET,
        postmark_login=LOGIN,
        sendgrid_key=base64.b64encode(public_key).decode(),
        mailgun_key="key-mailgun",
        ses_topics=frozenset([TOPIC]),
    )
    ingest = replace(parts.ingest, fetcher=fetcher)
    app.extensions[EXTENSION_KEY] = replace(parts, settings=settings, ingest=ingest)
    return fetcher


@pytest.fixture
def post_webhook(app: Flask, amazon: AmazonFetcher) -> PostToWebhook:
    def post(provider: str, body: bytes, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        return app.test_client().post(
            f"/api/feedback/{provider}",
            data=body,
            headers=headers,
            base_url="https://news.example.org",
            **more,
        )

    return post
