"""The kinds and the severity of feedback, as they are stored."""

from enum import StrEnum


class FeedbackKind(StrEnum):
    """What came back, or what an editor did about it."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    LIFTED = "lifted"  # an editor lifted a suppression


class FeedbackChannel(StrEnum):
    """How feedback reached us."""

    ONE_CLICK = "one-click"  # a mail program unsubscribed (RFC 8058)
    PAGE = "page"
    EDITOR = "editor"
    MAILBOX = "mailbox"  # IMAP or POP3
    MAILDIR = "maildir"
    PIPE = "pipe"
    FILE = "file"
    LISTENER = "listener"  # our own SMTP server for bounces
    RELAY = "relay"  # the mail server refused the mail while we sent it
    SES = "ses"
    POSTMARK = "postmark"
    SENDGRID = "sendgrid"
    MAILGUN = "mailgun"
    GENERIC = "generic"  # a webhook of any other sender of events


class Severity(StrEnum):
    """Whether a bounced address is dead (hard), only this mail could not be delivered (soft), or it says nothing about
    the address (sender)."""

    HARD = "hard"
    SOFT = "soft"
    SENDER = "sender"  # we are at fault, or the mail server called too many addresses unknown to be believed
