"""Sends notices of alerts: by mail to accounts, all that are due in one mail, and to the webhook, one post each.

They are sent by whoever watches, and not by the worker: it may be what the alert is about.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from digest.clock import Clock
from digest.database import Database
from digest.deliveries.messages.digest_message import SenderIdentity
from digest.errors import UnavailableError
from digest.http_client import send_request
from digest.mail import templates
from digest.mail.outbox import OutboxRelay
from digest.mail.outcome_saver import MailOutcome
from digest.mail.pure.dkim import sign_message
from digest.mail.pure.mime import PreparedMessage, format_date
from digest.mail.pure.outcomes import Accepted, InDoubt
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.pure.session import Mail
from digest.mail.pure.slotted_text import SlottedText
from digest.mail.pure.text_wrapping import wrap_text
from digest.mail.relay import SmtpRelay
from digest.monitoring.pure.webhook_message import alert_body, alert_text
from digest.monitoring.states import NoticeKind, NoticeWay
from digest.monitoring.store import alerts
from digest.monitoring.store.alerts import DueNotice
from digest.settings import Settings
from digest.webhooks.pure.signing import signed_headers

log = logging.getLogger(__name__)
LANGUAGE = "en"  # of the newsroom


@dataclass(frozen=True, slots=True)
class AlertReport:
    """The start or the end of an alert, as a mail and the webhook report it."""

    id: str  # stays the same at each attempt to send it
    kind: NoticeKind
    key: str
    level: str
    text: str
    started_at: datetime | None


class Messenger:
    """Sends reports of alerts to people and programs."""

    def __init__(self, settings: Settings, sender: SenderIdentity, clock: Clock) -> None:
        self._settings, self._sender, self._clock = settings, sender, clock

    def send_due(self, db: Database) -> None:
        """Send the notices that are due. Those that can't be sent are tried again."""
        now = self._clock()
        with db.read() as tx:
            due = alerts.due_notices(tx, now)
        by_address: defaultdict[str, list[DueNotice]] = defaultdict(list)
        for item in due:
            if item.notice.way == NoticeWay.MAIL:
                by_address[item.email or ""].append(item)
            else:
                self._record(db, [item], self.post(_report_of(item)))
        for address, items in by_address.items():
            self._record(db, items, self.mail(address, [_report_of(item) for item in items]))

    def mail(self, address: str, reports: Sequence[AlertReport]) -> str:
        """Send a mail; returns why it was not accepted, "" if it was."""
        mail = self._build_mail(address, reports)
        problems: list[str] = []

        def save(outcomes: Sequence[MailOutcome]) -> None:
            # One in doubt is not repeated: an alert that comes twice is worse than the rare one that is lost here.
            problems.extend(
                outcome.answer for _, outcome in outcomes if not isinstance(outcome, Accepted | InDoubt)
            )

        servers = parse_smtp_url(self._settings.smtp_url) if self._settings.smtp_url else ()
        relay = SmtpRelay(servers) if servers else OutboxRelay(self._settings.outbox)
        try:
            with closing(relay):
                relay.send_all(iter([mail]), save)
        except UnavailableError as error:
            return str(error)
        return "; ".join(problems)

    def post(self, report: AlertReport) -> str:
        """Post to the webhook; returns why it was not accepted, "" if it was."""
        now, settings = self._clock(), self._settings
        shown = self._describe(report)
        body = alert_body(report.kind, report.key, report.level, report.text, shown=shown, now=now)
        headers = signed_headers(settings.alert_webhook_secret, report.id, body, now)
        try:
            answer = send_request(
                "POST",
                settings.alert_webhook,
                headers=headers,
                body=body,
                allowed_private_hosts=settings.fetch_allow,
            )
        except UnavailableError as error:
            return str(error)
        return "" if answer.succeeded else f"the webhook answers {answer.status}"

    def ping(self) -> None:
        """Tell the dead man's switch that all is well."""
        url = self._settings.alert_ping
        if not url:
            return
        try:
            answer = send_request("GET", url, allowed_private_hosts=self._settings.fetch_allow)
        except UnavailableError as error:
            log.warning("ALERT_PING: %s", error)
        else:
            if not answer.succeeded:
                log.warning("ALERT_PING answers %d", answer.status)

    def _record(self, db: Database, items: Sequence[DueNotice], problem: str) -> None:
        if problem:
            log.warning("%d notices of alerts wait: %s", len(items), problem)
        with db.begin() as tx:
            alerts.record_attempt(tx, [item.notice for item in items], self._clock(), error=problem)

    def _describe(self, report: AlertReport) -> str:
        site, now = self._settings.site_name, self._clock()
        return alert_text(report.kind, report.text, site, started_at=report.started_at, now=now)

    def _build_mail(self, address: str, reports: Sequence[AlertReport]) -> Mail:
        sender, now = self._sender, self._clock()
        started = [item.key for item in reports if item.kind == NoticeKind.STARTED]
        ended = [item.key for item in reports if item.kind == NoticeKind.ENDED]
        parts = [f"alert: {', '.join(started)}"] if started else []
        headline = "; ".join([*parts, *([f"over: {', '.join(ended)}"] if ended else [])])[:120]
        values = {
            "lang": LANGUAGE,
            "dir": "ltr",
            "site_name": sender.site_name,
            "site_url": sender.site_url,
            "url": f"{sender.site_url}/admin/",
            "headline": headline,
            "notices": [self._describe(item) for item in reports],
        }
        text = templates.render("alert/body.txt", LANGUAGE, **values)
        html = templates.inline_styles(templates.render("alert/body.html", LANGUAGE, **values))
        message_id = sender.opaque_id("alert", address, *(item.id for item in reports))
        message = PreparedMessage(
            [
                ("Date", format_date(now)),
                ("To", address),
                ("Message-ID", f"<{message_id}@{sender.domain}>"),
                *sender.from_headers,
                ("Subject", templates.render("alert/subject.txt", LANGUAGE, **values).strip()),
                ("Auto-Submitted", "auto-generated"),
            ],
            text=SlottedText(("\n".join(wrap_text(line) for line in text.splitlines()),)),
            html_body=SlottedText((html,)),
        ).build([], {})
        return Mail(address, sender.mail_from.address, address, sign_message(message, sender.signers, now))


def _report_of(item: DueNotice) -> AlertReport:
    notice, alert = item.notice, item.alert
    message_id = f"alert-{alert.id}-{notice.id}"
    return AlertReport(message_id, notice.kind, alert.key, alert.level, alert.text, alert.started_at)
