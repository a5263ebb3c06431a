"""How long it takes to classify a returned mail: the mails of the tests, and the largest that is read."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

from digest.feedback.pure.classification import classify_mail
from digest.feedback.pure.mail_parts import MAX_MAIL_BYTES

MAILS = Path(__file__).resolve().parent.parent / "tests" / "feedback" / "mails"
ROUNDS = 5


def milliseconds(mails: Sequence[bytes]) -> float:
    """Processor time of one mail, the first round (which compiles patterns) left out."""
    for raw in mails:
        classify_mail(raw)
    started = time.process_time()
    for _ in range(ROUNDS):
        for raw in mails:
            classify_mail(raw)
    return round((time.process_time() - started) / ROUNDS / len(mails) * 1000, 2)


def main() -> None:
    mails = [path.read_bytes() for path in sorted(MAILS.glob("*.eml"))]
    worst = (
        b"From: MAILER-DAEMON@x\nSubject: failed\n\n" + b"Nothing of note in this line.\n" * MAX_MAIL_BYTES
    )
    results = {"benchmark": "feedback", "mails": len(mails), "cpu_ms_a_mail": milliseconds(mails)}
    print(json.dumps(results | {"cpu_ms_largest": milliseconds([worst])}))


if __name__ == "__main__":
    main()
