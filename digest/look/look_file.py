"""A look as a file: JSON with its words, colours and logos, to be kept or taken to another site."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from digest.database import Database, Tx
from digest.errors import InvalidInputError, NewsroomText
from digest.look import store
from digest.look.logos import LogoFile, read_picture
from digest.look.looks import Looks
from digest.look.pure.look import NO_HEAD, Logo, Look, OwnHead
from digest.look.pure.look_values import read_look

FORMAT, FORMAT_VERSION = "dateline-look", 1
MAX_FILE = 5_000_000  # octets; each language may have a logo, and base64 makes it a third larger


def write_look(tx: Tx, look: Look) -> str:
    """The file of a look."""
    values: dict[str, Any] = {"format": FORMAT, "version": FORMAT_VERSION, **store.definition(look)}
    for head in (values, *values["heads"].values()):
        if key := head.get("logo"):
            picture = store.find_picture(tx, key)
            head["logo"] = base64.b64encode(picture.content).decode("ascii") if picture else ""
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def import_look(
    db: Database, looks: Looks, file: bytes, languages: tuple[str, ...], *, author: str, now: datetime
) -> tuple[Look, Look]:
    """Save the look in a file in place of the newest; returns both. Raises InvalidInputError; then nothing is saved."""
    values = _parse(file)
    wanted = read_look(values, languages, looks.known)
    pictures = {code: _read_logo(own) for code, own in values.get("heads", {}).items()}
    picture = _read_logo(values)
    with db.begin() as tx:
        for each in filter(None, (picture, *pictures.values())):
            store.add_picture(tx, each, now)
    for code, own in pictures.items():
        masthead = wanted.heads.get(code, NO_HEAD).masthead
        wanted = replace(wanted, heads=wanted.with_head(code, OwnHead(masthead, _logo(own))))
    return looks.save(
        db,
        lambda before: replace(wanted, logo=_logo(picture), environment=before.environment),
        author=author,
        now=now,
    )


def _logo(picture: LogoFile | None) -> Logo | None:
    return picture.logo if picture else None


def _parse(file: bytes) -> Mapping[str, Any]:
    if len(file) > MAX_FILE:
        raise InvalidInputError(
            NewsroomText(
                "The file has %(count)s octets; the file of a look may have %(max)s.",
                count=f"{len(file):,}",
                max=f"{MAX_FILE:,}",
            )
        )
    try:
        values = json.loads(file)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(NewsroomText("The file is no JSON: %(error)s", error=str(error))) from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise InvalidInputError(
            NewsroomText('The file is no look: it must have "format": "%(format)s".', format=FORMAT)
        )
    if values.get("version") != FORMAT_VERSION:
        raise InvalidInputError(
            NewsroomText(
                'The look has "version": %(version)s; this program reads %(known)s.',
                version=repr(values.get("version"))[:20],
                known=FORMAT_VERSION,
            )
        )
    return values


def _read_logo(values: Mapping[str, Any]) -> LogoFile | None:
    text = values.get("logo") or ""
    try:
        return read_picture(base64.b64decode(text, validate=True)) if text else None
    except (binascii.Error, TypeError, ValueError) as error:
        raise InvalidInputError(NewsroomText('"logo" must be a picture in base64.')) from error
