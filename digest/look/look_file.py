"""A look as a file: JSON with its words, colours and logo, to be kept or taken to another site."""

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
from digest.look.logos import MAX_UPLOAD, read_picture
from digest.look.looks import Looks
from digest.look.pure.look import Look
from digest.look.pure.look_values import read_look

FORMAT, FORMAT_VERSION = "dateline-look", 1
MAX_FILE = 2 * MAX_UPLOAD  # octets; base64 makes a logo a third larger


def write_look(tx: Tx, look: Look) -> str:
    """The file of a look."""
    values: dict[str, Any] = {"format": FORMAT, "version": FORMAT_VERSION, **store.definition(look)}
    picture = store.find_picture(tx, look.logo.key) if look.logo else None
    values["logo"] = base64.b64encode(picture.content).decode("ascii") if picture else ""
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def import_look(
    db: Database, looks: Looks, file: bytes, languages: tuple[str, ...], *, author: str, now: datetime
) -> tuple[Look, Look]:
    """Save the look in a file in place of the newest; returns both. Raises InvalidInputError; then nothing is saved."""
    values = _parse(file)
    wanted = read_look(values, languages, looks.known)
    picture = _read_logo(values)
    if picture:
        with db.begin() as tx:
            store.add_picture(tx, picture, now)
    logo = picture.logo if picture else None
    return looks.save(
        db, lambda before: replace(wanted, logo=logo, environment=before.environment), author=author, now=now
    )


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


def _read_logo(values: Mapping[str, Any]) -> Any:
    text = values.get("logo") or ""
    try:
        return read_picture(base64.b64decode(text, validate=True)) if text else None
    except (binascii.Error, TypeError, ValueError) as error:
        raise InvalidInputError(NewsroomText('"logo" must be a picture in base64.')) from error
