"""The fields of reports: delivery status notifications (RFC 3464) and abuse reports (RFC 5965)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LONGEST = 4_000  # characters of a field
MOST_RECIPIENTS = 50  # of one report that are looked at
FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*)")
# A local part may hold nearly anything; the domain is what shows where an address ends.
ADDRESS = re.compile(
    r"""(?:"[^"\r\n]{1,64}"|[^\s<>()\[\]{},;:"'|\\@]{1,200})@(?:[\w-]{1,63}\.){0,10}[\w-]{1,63}"""
)
STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
RECIPIENT = ("final-recipient", "original-recipient", "x-actual-recipient")


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says of one recipient; "" for what it does not say."""

    address: str
    action: str = ""  # failed | delayed | delivered | relayed | expanded
    status: str = ""
    diagnostic: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an abuse report says."""

    kind: str  # abuse | fraud | virus | other | opt-out | not-spam | auth-failure | …
    addresses: Sequence[str]


def addresses(text: str) -> list[str]:
    """The addresses in a text, in order, each once."""
    found: dict[str, None] = {}
    for match in ADDRESS.finditer(text):
        found.setdefault(match[0].strip(".'*-") if not match[0].startswith('"') else match[0])
    return [address for address in found if "@" in address.strip("@")]


def statuses(text: str) -> list[str]:
    """The enhanced status codes (RFC 3463) in a text, in order."""
    return [".".join(match.groups()) for match in STATUS.finditer(text)]


def delivery_status(text: str) -> list[Told]:
    """What a delivery-status part says of each recipient.

    Groups of fields are apart by blank lines, say the rules; where a sender forgot them, a field that comes again
    begins the next group, and where it has too many, what names no recipient belongs to the one before.
    """
    groups: list[dict[str, str]] = []
    current: dict[str, str] = {}
    for block in re.split(r"\n[ \t]*\n", text):
        fields = _fields(block)
        if (
            groups
            and any(name in current for name in RECIPIENT)
            and not any(n in RECIPIENT for n, _ in fields)
        ):
            _add(current, fields, groups)
            continue
        current = {}
        groups.append(current)
        current = _add(current, fields, groups)
    common = next((group for group in groups if not any(name in group for name in RECIPIENT)), {})
    told = [_told(group, common) for group in groups if any(name in group for name in RECIPIENT)]
    return [one for one in told if one.address][:MOST_RECIPIENTS]


def feedback_report(text: str) -> Complaint:
    """What an abuse report says; redacted ones name nobody."""
    fields = _fields(text)
    kind = next((value for name, value in fields if name == "feedback-type"), "")
    named = [
        value
        for name, value in fields
        if name in ("original-rcpt-to", "removal-recipient", "redacted-address")
    ]
    whom = [address for value in named for address in addresses(value)[:1]]
    return Complaint(
        re.sub(r"[^a-z-]", "", kind.lower())[:32] or "abuse", list(dict.fromkeys(whom))[:MOST_RECIPIENTS]
    )


def _add(
    group: dict[str, str], fields: list[tuple[str, str]], groups: list[dict[str, str]]
) -> dict[str, str]:
    for name, value in fields:
        if name in RECIPIENT and name in group:
            group = {}
            groups.append(group)
        group.setdefault(name, value)
    return group


def _fields(block: str) -> list[tuple[str, str]]:
    """The fields of a block in order, unfolded; names in lower case."""
    out: list[tuple[str, str]] = []
    for line in block.split("\n"):
        if line[:1] in (" ", "\t") and out:
            name, value = out[-1]
            out[-1] = (name, f"{value} {line.strip()}"[:LONGEST])
        elif found := FIELD.match(line):
            out.append((found[1].lower(), found[2].strip()[:LONGEST]))
        elif out and line.strip() and out[-1][0] == "diagnostic-code":  # folded without the indent
            out[-1] = (out[-1][0], f"{out[-1][1]} {line.strip()}"[:LONGEST])
    return out


def _told(group: Mapping[str, str], common: Mapping[str, str]) -> Told:
    whom = [address for name in RECIPIENT if name in group for address in addresses(group[name])[:1]]
    given = statuses(group.get("status", ""))
    return Told(
        address=whom[0] if whom else "",
        action=re.split(r"[^a-z]", group.get("action", common.get("action", "")).lower().strip())[0],
        status=given[0] if given else "",
        diagnostic=re.sub(r"^\s*[\w-]+\s*;\s*", "", group.get("diagnostic-code", "")),
        more=group,
    )
