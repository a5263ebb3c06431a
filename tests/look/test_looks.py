"""Looks are rows that never change: what was saved last counts in all processes, and earlier ones can be restored."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from PIL import Image

from digest.database import Database, Tx
from digest.errors import InvalidInputError, UnavailableError
from digest.look import look_file, store
from digest.look.logos import LogoFile, read_picture
from digest.look.looks import ASK_AGAIN, Looks
from digest.look.pure.look import ALL_LANGUAGES, NOTHING_SAVED, Look, Masthead, OwnHead, Words
from tests.conftest import StoppedClock

ENVIRONMENT = Words(name="Dateline")
LANGUAGES = ("en", "fa")


def new_looks(clock: StoppedClock) -> Looks:
    """What another process knows."""
    return Looks(ENVIRONMENT, monotonic=lambda: clock().timestamp())


def save_name(db: Database, looks: Looks, name: str, clock: StoppedClock) -> tuple[Look, Look]:
    return looks.save(
        db,
        lambda look: replace(look, words=look.with_words(ALL_LANGUAGES, Words(name=name))),
        author="ann@example.org",
        now=clock(),
    )


def logo(db: Database, clock: StoppedClock, colour: str = "navy") -> LogoFile:
    output = io.BytesIO()
    Image.new("RGB", (120, 40), colour).save(output, "PNG")
    picture = read_picture(output.getvalue())
    with db.begin() as tx:
        store.add_picture(tx, picture, clock())
    return picture


def test_a_saved_look_counts_at_once_here_and_within_a_second_elsewhere(
    db: Database, clock: StoppedClock
) -> None:
    here, elsewhere = new_looks(clock), new_looks(clock)
    assert elsewhere.current(db).version == NOTHING_SAVED
    before, after = save_name(db, here, "Silk Road", clock)
    assert (before.version, after.version) == (NOTHING_SAVED, here.known.version)
    assert here.current(db).shown("en").name == "Silk Road"
    assert elsewhere.current(db).shown("en").name == "Dateline"
    clock.advance(seconds=ASK_AGAIN)
    assert elsewhere.current(db).shown("en").name == "Silk Road"


def test_saving_the_same_stores_nothing(db: Database, clock: StoppedClock) -> None:
    looks = new_looks(clock)
    _, saved = save_name(db, looks, "Silk Road", clock)
    before, after = save_name(db, looks, "Silk Road", clock)
    assert before is after
    assert looks.known.version == saved.version


def test_everything_of_a_look_comes_back(db: Database, clock: StoppedClock) -> None:
    kept = logo(db, clock).logo
    head = OwnHead(Masthead.BOTH, logo(db, clock, "red").logo)
    wanted = Look(
        words={"fa": Words(name="جاده", footer="a\nb")},
        colour="#8b0050",
        dark_colour="#ff99cc",
        masthead=Masthead.LOGO,
        logo=kept,
        heads={"fa": head, "de": OwnHead(Masthead.NAME)},
    )
    _, saved = new_looks(clock).save(db, lambda _: wanted, author="ann@example.org", now=clock())
    with db.read() as tx:
        loaded = new_looks(clock).get(tx, saved.version)
    assert store.is_same(loaded, wanted)
    assert (loaded.logo, loaded.masthead, dict(loaded.words)) == (kept, Masthead.LOGO, dict(wanted.words))
    assert dict(loaded.heads) == wanted.heads


def test_without_the_database_the_last_known_look_is_shown(
    db: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = new_looks(clock)
    save_name(db, looks, "Silk Road", clock)
    clock.advance(seconds=ASK_AGAIN)

    @contextmanager
    def unavailable() -> Iterator[Tx]:
        raise UnavailableError("database: gone")
        yield

    monkeypatch.setattr(db, "read", unavailable)
    assert looks.current(db).shown("en").name == "Silk Road"


def test_pictures_of_previews_go_after_a_day_and_those_of_looks_stay(
    db: Database, clock: StoppedClock
) -> None:
    looks = new_looks(clock)
    used, only_tried, persian = logo(db, clock), logo(db, clock, "red"), logo(db, clock, "green")
    heads = {"fa": OwnHead(logo=persian.logo)}
    looks.save(db, lambda look: replace(look, logo=used.logo, heads=heads), author="a", now=clock())
    save_name(db, looks, "One", clock)
    looks.save(db, lambda look: replace(look, logo=None, heads={}), author="a", now=clock())
    with db.read() as tx:
        assert store.find_picture(tx, only_tried.logo.key)
    clock.advance(days=2)
    save_name(db, looks, "Two", clock)
    with db.read() as tx:
        for each in (used, persian):
            assert store.find_picture(tx, each.logo.key) == each  # mails refer to it
        assert store.find_picture(tx, only_tried.logo.key) is None


def test_a_look_can_be_taken_to_another_site_as_a_file(db: Database, clock: StoppedClock) -> None:
    looks, picture, persian = new_looks(clock), logo(db, clock), logo(db, clock, "green").logo
    saved = Look(
        words={"fa": Words(name="جاده")},
        colour="#8b0050",
        logo=picture.logo,
        heads={"fa": OwnHead(logo=persian), "en": OwnHead(Masthead.NAME)},
        environment=looks.known.environment,
    )
    looks.save(db, lambda _: saved, author="ann@example.org", now=clock())
    with db.read() as tx:
        file = look_file.write_look(tx, looks.known)
    save_name(db, looks, "Another", clock)
    _, after = look_file.import_look(
        db, looks, file.encode(), LANGUAGES, author="bob@example.org", now=clock()
    )
    assert (after.shown("fa").name, after.shown("en").name, after.colour) == ("جاده", "Dateline", "#8b0050")
    assert after.logo == picture.logo
    assert dict(after.heads) == saved.heads


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"version": 2},
        {"logo": "no base64!"},
        {"logo": "AAAA"},
        {"colour": "#ffdd00"},
        {"logo": 7},
        {"heads": {"fa": {"logo": "AAAA"}}},
    ],
)
def test_a_file_that_is_no_look_changes_nothing(
    db: Database, clock: StoppedClock, change: dict[str, object]
) -> None:
    looks = new_looks(clock)
    values = {"format": "dateline-look", "version": 1, "words": {"en": {"name": "Silk Road"}}} | change
    with pytest.raises(InvalidInputError):
        look_file.import_look(db, looks, json.dumps(values).encode(), LANGUAGES, author="a", now=clock())
    with db.read() as tx:
        assert store.newest_version(tx) == NOTHING_SAVED
