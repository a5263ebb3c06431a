"""What mails that come back mean: one file for each oddity in `mails/`, what is wanted of it in its first line.

`X-Wanted: bounce anna@far.example=hard ben@near.example=soft`; a kind alone means that nobody is named.
"""

from pathlib import Path

import pytest

from digest.feedback.pure.classification import read

MAILS = sorted((Path(__file__).parent / "mails").glob("*.eml"))


def wanted(raw: bytes) -> tuple[str, dict[str, str]]:
    first = raw.decode().split("\n", 1)[0].removeprefix("X-Wanted: ")
    kind, _, rest = first.partition(" ")
    quoted = rest.replace('"anna b"', '"anna_b"').split()
    return kind, {
        address.replace("anna_b", "anna b"): severity
        for address, _, severity in (one.rpartition("=") for one in quoted)
    }


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_a_mail_is_read_as_its_first_line_says(path: Path) -> None:
    raw = path.read_bytes()
    kind, recipients = wanted(raw)
    found = read(raw.split(b"\n", 1)[1])
    assert (found.kind, {r.address: "hard" if r.hard else "soft" for r in found.recipients}) == (
        kind,
        recipients,
    )
