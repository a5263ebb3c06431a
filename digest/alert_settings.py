"""The settings of alerts, as a part of `Settings`."""

from dataclasses import dataclass

from digest import setting_values
from digest.setting_values import setting


@dataclass(frozen=True)
class AlertSettings:
    """Where alerts are posted, beside the mails to accounts, and what is pinged while all is well."""

    alert_webhook: str = setting(
        "ALERT_WEBHOOK",
        "URL to which alerts are posted as JSON; private addresses must be in FETCH_ALLOW",
        setting_values.url("https://hooks.example.org/dateline", "https", "http"),
        default="",
        secret=True,
    )
    alert_webhook_secret: str = setting(
        "ALERT_WEBHOOK_SECRET",
        "Signs what is posted to ALERT_WEBHOOK (Standard Webhooks): whsec_ and base64",
        setting_values.webhook_secret,
        default="",
        secret=True,
    )
    alert_ping: str = setting(
        "ALERT_PING",
        "URL that is fetched each minute while all processes live; a dead man's switch speaks when it is not",
        setting_values.url("https://hc-ping.example/uuid", "https", "http"),
        default="",
        secret=True,
    )
