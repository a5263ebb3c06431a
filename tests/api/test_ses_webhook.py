"""The webhook of Amazon SES: notifications and subscriptions of Amazon SNS, also forged and changed ones."""

import json
from datetime import UTC, datetime

import pytest

from digest.feedback.pure.signatures import (
    ForgedRequestError,
    check_sns,
)
from digest.feedback.store import feedback
from tests.api.signed_requests import (
    CERTIFICATE,
    INTERMEDIATE_KEY,
    ROOT_KEY,
    TOPIC,
    AmazonFetcher,
    PostToWebhook,
    certificate,
    ses_bounce,
    sns_notification,
)
from tests.builders import World
from tests.feedback.conftest import FeedbackScenario


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_bounce_from_amazon_ses_is_accepted_with_either_signature_version(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook, version: str
) -> None:
    subscriber = world.subscriber("anna@far.example")
    body = json.dumps(sns_notification(ses_bounce(scenario, subscriber), SignatureVersion=version)).encode()
    responses = [post_webhook("ses", body) for _ in range(2)]
    assert [(response.status_code, response.json["new"]) for response in responses if response.json] == [
        (200, 1),
        (200, 0),
    ]
    assert scenario.reload(subscriber).state == "suppressed"
    assert scenario.feedback_rows(subscriber)[0].origin == "ses"


def test_a_subscription_is_confirmed_only_for_our_topic(
    post_webhook: PostToWebhook, amazon: AmazonFetcher
) -> None:
    url = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t"
    notification = sns_notification(None, Type="SubscriptionConfirmation", SubscribeURL=url, Token="t")
    assert post_webhook("ses", json.dumps(notification).encode()).status_code == 200
    assert amazon.fetched_urls[-1] == url
    foreign_topic = sns_notification(
        None, TopicArn=TOPIC + "2", Type="SubscriptionConfirmation", SubscribeURL=url, Token="t"
    )
    assert post_webhook("ses", json.dumps(foreign_topic).encode()).status_code == 403
    for evil_url in ("https://evil.example/?Action=ConfirmSubscription", "https://[::1"):
        evil_subscription = sns_notification(
            None, Type="SubscriptionConfirmation", SubscribeURL=evil_url, Token="t"
        )
        assert post_webhook("ses", json.dumps(evil_subscription).encode()).status_code == 403
    assert "evil" not in " ".join(amazon.fetched_urls)


@pytest.mark.parametrize(
    "changes",
    [
        {"Signature": "AAAA"},
        {"Signature": "not base64"},
        {"SigningCertURL": "https://evil.example/SimpleNotificationService-1.pem"},
        {"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"},
        {
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem"
        },
        {
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem"
        },
        {"SigningCertURL": "https://evil.s3.amazonaws.com/SimpleNotificationService-1.pem"},
        {"SigningCertURL": "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-1.pem"},
        {"SigningCertURL": CERTIFICATE + "?x=https://evil.example"},
        {"SigningCertURL": "https://[::1"},
        {"SigningCertURL": "https://]["},
        {"Timestamp": "2025-01-01T00:00:00Z"},
        {"Type": "Nonsense"},
    ],
)
def test_a_forged_notification_of_amazon_is_refused(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook, changes: dict[str, str]
) -> None:
    subscriber = world.subscriber()
    assert (
        post_webhook(
            "ses", json.dumps(sns_notification(ses_bounce(scenario, subscriber), **changes)).encode()
        ).status_code
        == 403
    )
    assert scenario.reload(subscriber).state == "active"


def test_a_changed_notification_is_refused(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook
) -> None:
    notification = sns_notification(ses_bounce(scenario, world.subscriber()))
    notification["Message"] = notification["Message"].replace("550", "551")
    assert post_webhook("ses", json.dumps(notification).encode()).status_code == 403


def test_the_keys_of_the_chain_above_amazon_sign_nothing(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook
) -> None:
    subscriber = world.subscriber()
    for key in (INTERMEDIATE_KEY, ROOT_KEY):
        body = json.dumps(sns_notification(ses_bounce(scenario, subscriber), key)).encode()
        assert post_webhook("ses", body).status_code == 403
    assert scenario.reload(subscriber).state == "active"


def test_a_message_in_plain_words_is_kept(scenario: FeedbackScenario, post_webhook: PostToWebhook) -> None:
    words = "Successfully validated SNS topic for Amazon SES event publishing."
    body = json.dumps(sns_notification(None, Message=words)).encode()
    response = post_webhook("ses", body)
    assert (response.status_code, response.json) == (200, {"taken": 0, "new": 0, "unread": 1})
    with scenario.db.read() as tx:
        (row,) = feedback.unread_events(tx)
    assert (row.origin, row.raw) == ("ses", words)


def test_an_expired_certificate_is_refused() -> None:
    with pytest.raises(ForgedRequestError, match="not valid"):
        check_sns(
            sns_notification({}, Timestamp="2026-04-01T00:00:00Z"),
            certificate(),
            datetime(2026, 4, 1, tzinfo=UTC),
        )
