"""Whatever the mail servers do, each mail gets one true outcome, or none and was not sent.

`make fuzz` runs this with many more examples.
"""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.mail.pure.outcomes import Accepted
from tests.mail.relay_ledger import Answer, Meaning
from tests.mail.relay_runs import PlannedMail, PlannedRun, PlannedServer, run
from tests.mail.unruly_server import RIGHT, Script, Step, Then

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))

ANSWERS = (
    None,
    Answer(b"250 2.0.0 fine\r\n", Meaning.ACCEPTED),
    Answer(b"250-first\r\n250 second\r\n", Meaning.ACCEPTED),
    Answer(b"250 a bare newline\n", Meaning.ACCEPTED),
    Answer(b"250\r\n", Meaning.ACCEPTED),
    Answer(b"354 go on\r\n", Meaning.GO_ON),
    Answer(b"334 \r\n", Meaning.UNCLEAR),
    Answer(b"451 4.3.0 later\r\n", Meaning.DEFERRED),
    Answer(b"552 4.2.2 full\r\n", Meaning.DEFERRED),
    Answer(b"550 5.1.1 no such user\r\n", Meaning.REFUSED),
    Answer(b"421 4.3.2 closing\r\n", Meaning.DEFERRED),
    Answer(b"150 hm\r\n", Meaning.UNCLEAR),
    Answer(b"999 hm\r\n", Meaning.UNCLEAR),
    Answer(b"000 hm\r\n", Meaning.UNCLEAR),
    Answer(b"hello?\r\n", Meaning.UNCLEAR),
    Answer(b"\r\n", Meaning.UNCLEAR),
    Answer(b"\xff\xfe\x00\r\n", Meaning.UNCLEAR),
    Answer(b"9" * 9000, Meaning.UNCLEAR),
    Answer(b"250-more\r\n" * 300 + b"250 end\r\n", Meaning.UNCLEAR),
    Answer(b"", Meaning.NOTHING),
    Answer(b"25", Meaning.NOTHING),
    Answer(b"250-there is no end\r\n", Meaning.NOTHING),
)
UNASKED = (
    b"250 and more\r\n",
    b"354 go on\r\n",
    b"421 4.3.2 idle for too long\r\n",
    b"550 no\r\n",
    b"so there\r\n",
)
DELAYS = (0.0, 0.3, 7.0, 29.0, 61.0, 130.0, 250.0)
ODD_STEPS = (
    *(Step(answer) for answer in ANSWERS),
    *(Step(answer, then=then) for answer in ANSWERS for then in Then if then is not Then.GO_ON),
    *(Step(answer, early=True, then=then) for answer in ANSWERS for then in Then),
    *(Step(delay=delay) for delay in DELAYS),
    *(Step(answer, delay=delay, pieces=3) for answer in ANSWERS[:12] for delay in (0.0, 0.3, 25.0)),
    *(Step(unasked=words) for words in UNASKED * 4),
    *(Step(unasked=words, then=Then.CLOSE) for words in UNASKED * 2),
)
# Most odd steps end a connection, so right ones come first: up to the greeting, or the answers to several messages.
STEPS = st.builds(
    lambda right, odd, more: (*[RIGHT] * right, odd, *more),
    st.sampled_from((2, 3, 4, 5, 5, 5, 6, 8, 9, 9, 10, 13, 13, 17, 0, 1, 1)),
    st.sampled_from(ODD_STEPS),
    st.lists(st.sampled_from((*[RIGHT] * len(ODD_STEPS), *ODD_STEPS)), max_size=8),
)
SCRIPTS = st.builds(
    Script,
    opens=st.sampled_from(["at once"] * 27 + ["refused", "no route", "never"]),
    extensions=st.sampled_from(
        (
            ("PIPELINING", "SIZE 1000000", "SMTPUTF8"),
            ("PIPELINING",),
            (),
            ("SIZE 5000",),
            ("pipelining", "SIZE"),
        )
    ),
    read_size=st.sampled_from((65536, 65536, 3000, 700)),
    steps=STEPS,
)
SERVERS = st.builds(
    PlannedServer,
    scripts=st.lists(SCRIPTS, min_size=1, max_size=5).map(tuple),
    always=st.booleans(),
    connections=st.integers(1, 3),
    per_connection=st.sampled_from((1000, 1, 2)),
    rate=st.sampled_from((0, 0, 0, 5)),
    weight=st.sampled_from((1, 1, 3, 0)),
)
MAILS = st.lists(
    st.builds(
        PlannedMail,
        size=st.sampled_from((10, 10, 6000, 40_000)),
        recipient=st.sampled_from(
            ["r@example.com"] * 6 + ["r@slow.example"] * 3 + ["анна@example.com", "no address\n"]
        ),
        is_letter=st.booleans(),
        cancelled=st.sampled_from((False, False, False, True)),
        gaps=st.sampled_from((0, 0, 0, 1, 3)),
    ),
    min_size=1,
    max_size=12,
).map(tuple)
RUNS = st.builds(
    PlannedRun,
    servers=st.lists(SERVERS, min_size=1, max_size=2).map(tuple),
    mails=MAILS,
    source_fails_at=st.sampled_from((*[None] * 8, 0, 2, 5, 9)),
    save_fails_at=st.sampled_from((*[None] * 8, 1, 2, 4)),
    save_rounds=st.lists(st.sampled_from((0, 0, 1, 2, 3, 10, 60, 400)), min_size=1, max_size=4).map(tuple),
    saves_overlap=st.booleans(),
    waits_for_outcomes=st.booleans(),
    later=st.one_of(st.just(()), MAILS),
    pause=st.sampled_from((0.0, 10.0, 31.0, 400.0)),
)


@given(RUNS)
@settings(max_examples=EXAMPLES, deadline=None, report_multiple_bugs=False)
def test_whatever_servers_do_each_mail_has_one_true_outcome_or_was_not_sent(plan: PlannedRun) -> None:
    run(plan)


def test_servers_that_do_all_right_get_every_mail() -> None:
    server = PlannedServer(connections=2)
    mails = (PlannedMail(), PlannedMail(is_letter=True), PlannedMail(size=40_000), PlannedMail(gaps=2))
    ledger = run(PlannedRun((server, server), mails, later=mails))
    assert [type(outcome) for outcome in ledger.reported.values()] == [Accepted] * 8
    assert len(ledger.received) == 8
