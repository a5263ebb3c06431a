"""Setting up: a checklist of what a publication needs, each step with what to do and the records to copy."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest import mail_checks
from digest.accounts.store import audit
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.database import Tx
from digest.editions.store import edition_life
from digest.findings import Finding, FindingLevel
from digest.look.pure.look import ALL_LANGUAGES
from digest.mail.pure.servers import parse_smtp_url
from digest.monitoring.pure import mail_dns
from digest.parts import Parts, parts
from digest.settings import Settings
from digest.sources.store import sources
from digest.subscribers.store import subscribers

BACKUPS_CONFIRMED = "backups confirmed"  # in the audit trail
DNS_CHECKS: Mapping[str, Callable[[Parts], Iterable[Finding]]] = {
    "server": mail_checks.check_servers,
    "spf": mail_checks.check_spf_record,
    "dkim": mail_checks.check_dkim,
    "dmarc": mail_checks.check_dmarc_record,
}


@dataclass(frozen=True, slots=True)
class SetupStep:
    """A step: whether it is done (None: only a check can tell), what to do, where, and lines to copy."""

    name: str
    title: str
    is_done: bool | None
    advice: str
    url: str = ""
    link_text: str = ""
    records: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@bp.get("/setting-up")
def setting_up() -> str:
    """The checklist. With `check` in the address, the mail servers and the DNS are asked, which takes seconds."""
    p = parts()
    found = {name: tuple(check(p)) for name, check in DNS_CHECKS.items()} if "check" in request.args else {}
    with p.db.read() as tx:
        steps = [
            *_publication_steps(p),
            *_server_steps(p.settings, tx),
            *_record_steps(p),
            _bounce_step(p.settings),
            *_content_steps(tx),
        ]
    if p.settings.local:  # the DNS is not asked for it
        found = {name: findings for name, findings in found.items() if name == "server"}
    steps = [_with_findings(step, found.get(step.name, ())) for step in steps]
    return render_template(
        "admin/setting_up.html",
        steps=steps,
        done=sum(step.is_done is True for step in steps),
        is_checked="check" in request.args,
    )


@bp.post("/setting-up/backups")
def confirm_backups() -> Response:
    """Record that somebody has set up backups, because Dateline can't see those of other programs."""
    record_action(BACKUPS_CONFIRMED)
    flash(_("It is recorded in the audit trail."), "success")
    return redirect(url_for("admin.setting_up"))


def _with_findings(step: SetupStep, findings: Sequence[Finding]) -> SetupStep:
    """The step as a check found it."""
    if not findings:
        return step
    is_right = all(finding.level != FindingLevel.ERROR for finding in findings)
    is_done = is_right if step.is_done is None else step.is_done and is_right
    return SetupStep(
        step.name, step.title, is_done, step.advice, step.url, step.link_text, step.records, tuple(findings)
    )


def _publication_steps(p: Parts) -> Iterable[SetupStep]:
    settings, words = p.settings, p.look(ALL_LANGUAGES).words
    is_named = words.name != Settings.site_name
    look = url_for("admin.look"), _("Look")
    yield SetupStep(
        "name",
        _("Name and look"),
        is_named,
        _("Give the publication its name, logo and colour; readers see them in mails and on pages."),
        *look,
    )
    yield SetupStep(
        "site",
        _("Public address"),
        not settings.local,
        _("Set BASE_URL to the address of this site with https; links in mails lead there."),
    )
    yield SetupStep(
        "address",
        _("Postal address"),
        bool(words.postal_address),
        _("The law of many countries requires one in each mail."),
        *look,
    )


def _server_steps(settings: Settings, tx: Tx) -> Iterable[SetupStep]:
    yield SetupStep(
        "server",
        _("Mail server"),
        bool(settings.smtp_url),
        _(
            "Set SMTP_URL, and MAIL_FROM to an address of yours. Until then all mail goes to the local outbox."
        ),
    )
    yield SetupStep(
        "test",
        _("Test mail"),
        bool(settings.smtp_url) and edition_life.any_sent(tx),
        _("Send a digest to yourself, and look whether it arrives, and not as spam."),
        url_for("admin.preview", regions="world"),
        _("Preview and send a test"),
    )


def _record_steps(p: Parts) -> Iterable[SetupStep]:
    servers = parse_smtp_url(p.settings.smtp_url) if p.settings.smtp_url else ()
    domain = p.settings.mail_from.domain
    envelope = p.settings.return_path_domain or domain
    spf = mail_dns.check_spf(envelope, (), [server.host for server in servers])
    yield SetupStep(
        "spf",
        "SPF",
        None,
        _("Says which servers may send for you. If your mail provider names an include, take theirs."),
        records=(f'{spf.name} TXT "{spf.record}"',),
    )
    signers = p.sender.signers
    yield SetupStep(
        "dkim",
        "DKIM",
        None if signers else False,
        _("Signs each mail. Publish the public key; without DKIM_KEY, let your mail server sign."),
        records=tuple(f'{signer.record_name} TXT "{signer.record}"' for signer in signers),
    )
    dmarc = mail_dns.check_dmarc(domain, ())
    yield SetupStep(
        "dmarc",
        "DMARC",
        None,
        _("Says what receivers do with mails that are not yours. Begin with p=none, and read the reports."),
        records=(f'{dmarc.name} TXT "{dmarc.record}"',),
    )


def _bounce_step(settings: Settings) -> SetupStep:
    webhooks = (settings.webhook_secret, settings.ses_topics, settings.postmark_login, settings.sendgrid_key)
    return SetupStep(
        "bounces",
        _("Bounces"),
        settings.receives_feedback_mail or any(webhooks) or bool(settings.mailgun_key),
        _("Set RETURN_PATH_DOMAIN with FEEDBACK_MAILBOX or FEEDBACK_LISTEN, or your provider's webhook."),
        url_for("admin.feedback"),
        _("Feedback so far"),
    )


def _content_steps(tx: Tx) -> Iterable[SetupStep]:
    yield SetupStep(
        "sources",
        _("First sources"),
        sources.any_active(tx),
        _("Add the news sites that you want to read for your subscribers, or import an OPML file."),
        url_for("admin.sources"),
        _("Sources"),
    )
    yield SetupStep(
        "reader",
        _("First reader"),
        bool(subscribers.count_by_state(tx).get("active")),
        _("Subscribe with your own address, and confirm it by the link in the mail."),
        url_for("web.join"),
        _("The sign-up form"),
    )
    yield SetupStep(
        "backup",
        _("Backup"),
        audit.was_recorded(tx, BACKUPS_CONFIRMED),
        _(
            "Run the command “dateline backup” each day, keep SECRET_KEY apart, and restore a copy once to try it."
        ),
    )
