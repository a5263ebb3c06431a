"""What mails that come back mean. `mails/` has a file for each oddity, with the expected result in its first line.

`X-Expected: bounce anna@far.example=hard ben@near.example=soft`; a kind alone means that the mail names nobody.
"""

from pathlib import Path

import pytest

from digest.feedback.pure.classification import classify_mail

MAILS = sorted((Path(__file__).parent / "mails").glob("*.eml"))


def expected_result(raw: bytes) -> tuple[str, dict[str, str]]:
    first_line = raw.decode().split("\n", 1)[0].removeprefix("X-Expected: ")
    kind, _, recipients = first_line.partition(" ")
    pairs = recipients.replace('"anna b"', '"anna_b"').split()
    return kind, {
        address.replace("anna_b", "anna b"): severity
        for address, _, severity in (pair.rpartition("=") for pair in pairs)
    }


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_a_mail_is_read_as_its_first_line_says(path: Path) -> None:
    raw = path.read_bytes()
    kind, recipients = expected_result(raw)
    feedback = classify_mail(raw.split(b"\n", 1)[1])
    assert (
        feedback.kind,
        {recipient.address: "hard" if recipient.hard else "soft" for recipient in feedback.recipients},
    ) == (
        kind,
        recipients,
    )
