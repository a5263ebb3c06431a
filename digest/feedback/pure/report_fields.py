"""The fields of reports: delivery status notifications (RFC 3464) and abuse reports (RFC 5965)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.subscribers.pure.email_address import ADDRESS_PATTERN

LONGEST_FIELD = 4_000  # characters of a field
MOST_RECIPIENTS = 50  # recipients of one report that are examined
FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*)")
STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
RECIPIENT_FIELDS = ("final-recipient", "original-recipient", "x-actual-recipient")
COMPLAINANT_FIELDS = ("original-rcpt-to", "removal-recipient", "redacted-address")


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """What a delivery status notification says about one recipient; "" for a field that it leaves out."""

    address: str
    action: str = ""  # failed | delayed | delivered | relayed | expanded
    status: str = ""
    diagnostic: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AbuseReport:
    """What an abuse report says; a redacted one has no addresses."""

    feedback_type: str  # abuse | fraud | virus | other | opt-out | not-spam | auth-failure | …
    addresses: Sequence[str]


def find_addresses(text: str) -> list[str]:
    """The addresses in a text, in order, each once."""
    addresses: dict[str, None] = {}
    for match in ADDRESS_PATTERN.finditer(text):
        addresses.setdefault(match[0].strip(".'*-") if not match[0].startswith('"') else match[0])
    return [address for address in addresses if "@" in address.strip("@")]


def find_status_codes(text: str) -> list[str]:
    """The enhanced status codes (RFC 3463) in a text, in order."""
    return [".".join(match.groups()) for match in STATUS.finditer(text)]


def parse_delivery_status(text: str) -> list[RecipientStatus]:
    """What a delivery-status part says of each recipient.

    Blank lines separate the groups of fields. Some senders forget one, so a repeated recipient field begins the
    next group. Some have too many, so a block that names no recipient belongs to the group before it.
    """
    groups: list[dict[str, str]] = []
    group: dict[str, str] = {}
    for block in re.split(r"\n[ \t]*\n", text):
        fields = _parse_fields(block)
        names_recipient = any(name in RECIPIENT_FIELDS for name, _ in fields)
        if not groups or names_recipient or not _has_recipient(group):
            group = {}
            groups.append(group)
        group = _add_fields(group, fields, groups)
    common = next((group for group in groups if not _has_recipient(group)), {})
    statuses = [_recipient_status(group, common) for group in groups if _has_recipient(group)]
    return [status for status in statuses if status.address][:MOST_RECIPIENTS]


def parse_abuse_report(text: str) -> AbuseReport:
    """What an abuse report says."""
    fields = _parse_fields(text)
    feedback_type = next((value for name, value in fields if name == "feedback-type"), "")
    values = [value for name, value in fields if name in COMPLAINANT_FIELDS]
    addresses = dict.fromkeys(address for value in values for address in find_addresses(value)[:1])
    return AbuseReport(
        re.sub(r"[^a-z-]", "", feedback_type.lower())[:32] or "abuse", list(addresses)[:MOST_RECIPIENTS]
    )


def _has_recipient(group: Mapping[str, str]) -> bool:
    return any(name in group for name in RECIPIENT_FIELDS)


def _add_fields(
    group: dict[str, str], fields: list[tuple[str, str]], groups: list[dict[str, str]]
) -> dict[str, str]:
    """Add fields to a group; returns the last group, which is a new one after a repeated recipient field."""
    for name, value in fields:
        if name in RECIPIENT_FIELDS and name in group:
            group = {}
            groups.append(group)
        group.setdefault(name, value)
    return group


def _parse_fields(block: str) -> list[tuple[str, str]]:
    """The names (in lower case) and unfolded values of the fields in a block, in order."""
    fields: list[tuple[str, str]] = []
    for line in block.split("\n"):
        if line[:1] in (" ", "\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}"[:LONGEST_FIELD])
        elif match := FIELD.match(line):
            fields.append((match[1].lower(), match[2].strip()[:LONGEST_FIELD]))
        elif fields and line.strip() and fields[-1][0] == "diagnostic-code":  # folded without the indent
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}"[:LONGEST_FIELD])
    return fields


def _recipient_status(group: Mapping[str, str], common: Mapping[str, str]) -> RecipientStatus:
    addresses = [
        address for name in RECIPIENT_FIELDS if name in group for address in find_addresses(group[name])[:1]
    ]
    codes = find_status_codes(group.get("status", ""))
    return RecipientStatus(
        address=addresses[0] if addresses else "",
        action=re.split(r"[^a-z]", group.get("action", common.get("action", "")).lower().strip())[0],
        status=codes[0] if codes else "",
        diagnostic=re.sub(r"^\s*[\w-]+\s*;\s*", "", group.get("diagnostic-code", "")),
        fields=group,
    )
