"""Single faults that a relay once had with servers that do something odd, on a network without real time."""

import pytest

from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Outcome
from tests.mail.relay_ledger import Answer, Meaning
from tests.mail.relay_runs import PlannedMail, PlannedRun, PlannedServer, run
from tests.mail.unruly_server import RIGHT, Script, Step, Then

UP_TO_DATA = (RIGHT,) * 4  # greeting, EHLO, MAIL, RCPT; DATA is next


def outcomes(
    *scripts: Script, mails: tuple[PlannedMail, ...] = (PlannedMail(),), always: bool = False
) -> list[Outcome]:
    """What becomes of mails over one connection at a time."""
    ledger = run(PlannedRun((PlannedServer(scripts, always=always),), mails))
    return list(ledger.reported.values())


@pytest.mark.parametrize("code", [b"000", b"150", b"354", b"600", b"999"])
def test_a_code_that_is_no_answer_to_a_message_leaves_a_doubt(code: bytes) -> None:
    odd = Step(Answer(code + b" hm\r\n", Meaning.UNCLEAR))
    (outcome,) = outcomes(Script(steps=(*UP_TO_DATA, RIGHT, odd)))
    assert outcome == InDoubt(f"{int(code)} hm")


def test_a_message_for_which_the_connection_was_gone_already_is_in_no_doubt() -> None:
    (outcome,) = outcomes(Script(steps=(*UP_TO_DATA, Step(then=Then.CLOSE))), always=True)
    assert isinstance(outcome, Deferred)


@pytest.mark.parametrize("words", [b"421 4.3.2 closing\r\n", b"250 and more\r\n", b"so there\r\n"])
def test_a_server_that_ends_each_connection_after_ehlo_is_given_up(words: bytes) -> None:
    assert outcomes(Script(steps=(RIGHT, Step(unasked=words))), always=True) == []


def test_mails_that_wait_for_their_domain_get_a_new_connection_when_the_last_one_closed() -> None:
    closes = Script(steps=(*UP_TO_DATA, RIGHT, Step(then=Then.CLOSE)))
    mails = (PlannedMail(recipient="r@slow.example"),) * 6
    assert [type(outcome) for outcome in outcomes(*[closes] * 6, mails=mails)] == [Accepted] * 6


def test_no_connection_is_used_again_after_both_the_source_and_saving_failed() -> None:
    run(
        PlannedRun(
            (PlannedServer(),),
            (PlannedMail(),) * 3,
            source_fails_at=2,
            save_fails_at=2,
            later=(PlannedMail(),),
        )
    )
