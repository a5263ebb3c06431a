"""Letters and deliveries over one mail server that says 421 or does not answer: none is lost.

Each kind has a sender and connections of its own.
"""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from digest.database import Database
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.letter_sender import send_letters
from digest.deliveries.sending.sending_context import SendingContext
from digest.mail.pure.servers import Server, TlsMode, parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.subscribers.models import Letter
from tests.builders import World
from tests.conftest import NOON
from tests.deliveries.planned_deliveries import BOB, deliveries
from tests.mail.scripted_server import serving, speak_smtp
from tests.smtp_sink import MailSink


def the_letter(db: Database) -> Letter:
    with db.read() as tx:
        return tx.scalars(select(Letter)).one()


def send_both(db: Database, context: SendingContext, server: Server, *, speed: float = 1.0) -> None:
    """Run the sender of letters, then that of deliveries, over relays of their own; their clocks run at `speed`."""
    for send, share in ((send_letters, server.share_of_letters()), (send_due, server.share_of_sender(1))):
        relay = SmtpRelay([share], monotonic=lambda: time.monotonic() * speed)
        send(db, replace(context, relay=relay))
        relay.close()


def test_a_421_for_a_letter_defers_it_and_the_deliveries_go(
    db: Database, six: int, world: World, sending_context: SendingContext, mail_server: MailSink
) -> None:
    world.confirmation_letter(world.subscriber("bye@example.com"))
    send_both(db, sending_context, parse_smtp_url(mail_server.url)[0])
    letter = the_letter(db)
    assert (letter.state, letter.attempts) == ("planned", 1)
    assert letter.answer.startswith("421")
    assert [delivery.state for delivery in deliveries(db)] == ["accepted"] * 6


def test_a_letter_in_hand_at_a_421_goes_over_another_connection(
    db: Database, six: int, world: World, sending_context: SendingContext
) -> None:
    world.confirmation_letter(world.subscriber(BOB))
    taken: list[bytes] = []

    def talk(connection: socket.socket, number: int) -> None:
        if number > 1:
            speak_smtp(connection, taken, connection.sendall)
            return
        connection.sendall(b"220 sink\r\n")
        connection.recv(1000)
        connection.sendall(b"250 sink\r\n")
        connection.recv(1000)
        connection.sendall(b"421 4.3.2 shutting down\r\n")

    with serving(talk) as server:
        send_both(db, sending_context, server)
    assert (the_letter(db).state, len(taken)) == ("accepted", 7)
    assert [delivery.state for delivery in deliveries(db)] == ["accepted"] * 6


@pytest.mark.parametrize("then", ["nobody listens", "silence"])
def test_a_letter_that_a_421_returned_is_deferred_when_no_server_answers_any_more(
    db: Database, six: int, world: World, sending_context: SendingContext, then: str
) -> None:
    world.confirmation_letter(world.subscriber(BOB))
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            if then == "nobody listens":
                listener.close()
            with suppress(OSError), connection:
                connection.sendall(b"220 sink\r\n")
                connection.recv(1000)
                connection.sendall(b"250 sink\r\n")
                connection.recv(1000)
                connection.sendall(b"421 4.3.2 shutting down\r\n")
                done.wait(20)

        threading.Thread(target=talk, daemon=True).start()
        server = Server("127.0.0.1", listener.getsockname()[1], TlsMode.NONE, "", "", 1)
        send_both(db, sending_context, server, speed=100.0)
        done.set()
    letter = the_letter(db)
    assert (letter.state, letter.attempts) == ("planned", 1)
    assert "127.0.0.1" in letter.answer
    assert [(delivery.state, delivery.attempts) for delivery in deliveries(db)] == [("planned", 0)] * 6


@pytest.mark.parametrize("kind", ["nobody listens", "silence"])
def test_without_a_server_letters_and_deliveries_wait_and_no_attempt_is_counted(
    six: int, world: World, sending_context: SendingContext, mail_server: MailSink, kind: str
) -> None:
    db, later = world.db, NOON + timedelta(minutes=2)
    world.confirmation_letter(world.subscriber(BOB))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = 1 if kind == "nobody listens" else silent.getsockname()[1]
        send_both(db, sending_context, Server("127.0.0.1", port, TlsMode.NONE, "", "", 2), speed=100.0)
    assert (the_letter(db).state, the_letter(db).attempts) == ("planned", 0)
    assert [(delivery.state, delivery.attempts) for delivery in deliveries(db)] == [("planned", 0)] * 6
    sending_context.clock = lambda: later
    send_both(db, sending_context, parse_smtp_url(mail_server.url)[0])
    assert the_letter(db).state == "accepted"
    assert [delivery.state for delivery in deliveries(db)] == ["accepted"] * 6
