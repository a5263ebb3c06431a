"""The settings of what comes back, as a part of `Settings`: bounces, complaints and webhooks."""

from dataclasses import dataclass

from digest import setting_values
from digest.setting_values import integer_between, setting


@dataclass(frozen=True)
class FeedbackSettings:
    """From where feedback is read, and when soft bounces suppress an address."""

    feedback_mailbox: str = setting(
        "FEEDBACK_MAILBOX",
        "Mailbox for bounces and replies, read every minute; `pipe:` if a mail server pipes them in",
        setting_values.url(
            "imaps://user:pass@mail.example.org/INBOX", "imaps", "imap", "pop3s", "pop3", "maildir", "pipe"
        ),
        default="",
        secret=True,
    )
    feedback_listen: str = setting(
        "FEEDBACK_LISTEN", "host:port of `dateline feedback listen`", setting_values.host_port, default=""
    )
    soft_bounces: int = setting(
        "SOFT_BOUNCES",
        "Soft bounces on different days after which an address is suppressed",
        integer_between(2, 50),
        default=5,
    )
    soft_bounce_days: int = setting(
        "SOFT_BOUNCE_DAYS",
        "Least days between the first and the last of these soft bounces",
        integer_between(1, 45),
        default=4,
    )
    webhook_secret: str = setting(
        "WEBHOOK_SECRET",
        "Key with which your own programs sign the feedback they post",
        setting_values.strong_secret,
        default="",
        secret=True,
    )
    ses_topics: frozenset[str] = setting(
        "SES_TOPICS",
        "ARNs of the Amazon SNS topics whose notifications are accepted, comma-separated",
        setting_values.sns_topics,
        default=frozenset(),
    )
    postmark_login: str = setting(
        "POSTMARK_LOGIN",
        "user:password that Postmark's webhooks send",
        setting_values.login,
        default="",
        secret=True,
    )
    sendgrid_key: str = setting(
        "SENDGRID_KEY", "Verification key of SendGrid's signed event webhook", default="", secret=True
    )
    mailgun_key: str = setting("MAILGUN_KEY", "Webhook signing key of Mailgun", default="", secret=True)
