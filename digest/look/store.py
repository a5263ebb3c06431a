"""Queries over looks and their pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, func, select

from digest.database import Tx, insert_missing, lock_for_transaction
from digest.errors import NotFoundError
from digest.look.logos import LogoFile
from digest.look.models import LookPicture, LookVersion
from digest.look.pure.look import NO_WORDS, NOTHING_SAVED, WORD_NAMES, Logo, Look, Masthead, OwnHead, Words

UNUSED_PICTURES_KEPT = timedelta(days=1)  # those of a preview, which somebody may still save


def newest_version(tx: Tx) -> int:
    """The version of the look that counts; NOTHING_SAVED if none was saved."""
    return tx.scalar(select(func.max(LookVersion.id))) or NOTHING_SAVED


def load(tx: Tx, version: int, environment: Words) -> Look:
    """A saved look, over what the environment says. Raises NotFoundError."""
    if version == NOTHING_SAVED:
        return Look(environment=environment)
    row = tx.get(LookVersion, version)
    if row is None:
        raise NotFoundError(f"There is no look {version}.")
    return _look(tx, row.id, row.definition, environment)


def save(tx: Tx, look: Look, *, author: str, now: datetime) -> int:
    """Store a look as the newest; returns its version. Pictures that no saved look has are deleted after a day."""
    row = LookVersion(definition=definition(look), author=author, created_at=now)
    tx.add(row)
    tx.flush()
    _delete_unused_pictures(tx, now - UNUSED_PICTURES_KEPT)
    return row.id


def is_same(one: Look, other: Look) -> bool:
    """Whether two looks say and show the same."""
    return definition(one) == definition(other)


def lock_looks(tx: Tx) -> None:
    """Make other changes wait until this transaction ends: each begins with the look before it."""
    lock_for_transaction(tx, "looks")


def last_change(tx: Tx) -> LookVersion | None:
    """The row of the newest look; None if none was saved."""
    return tx.scalar(select(LookVersion).order_by(LookVersion.id.desc()).limit(1))


def add_picture(tx: Tx, picture: LogoFile, now: datetime) -> None:
    """Store a picture, unless it is stored already."""
    row = {
        "key": picture.logo.key,
        "media_type": picture.media_type,
        "width": picture.logo.width,
        "height": picture.logo.height,
        "is_transparent": picture.logo.is_transparent,
        "content": picture.content,
        "created_at": now,
    }
    insert_missing(tx, LookPicture, [row], keys=["key"])


def find_picture(tx: Tx, key: str) -> LogoFile | None:
    """A stored picture; None if there is none of this key."""
    row = tx.get(LookPicture, key)
    return LogoFile(_logo(row), row.media_type, row.content) if row else None


def find_logo(tx: Tx, key: str) -> Logo | None:
    """What is known of a stored picture, without its content; None if there is none of this key."""
    columns = (LookPicture.key, LookPicture.width, LookPicture.height, LookPicture.is_transparent)
    row = tx.execute(select(*columns).where(LookPicture.key == key)).first() if key else None
    return Logo(*row) if row else None


def definition(look: Look) -> dict[str, Any]:
    """The JSON value of a look."""
    words = {
        code: {name: value for name, value in asdict(own).items() if value}
        for code, own in look.words.items()
    }
    return {
        "words": {code: own for code, own in words.items() if own},
        "colour": look.colour,
        "dark_colour": look.dark_colour,
        "masthead": look.masthead.value,
        "logo": look.logo.key if look.logo else "",
        "heads": {code: _head_definition(own) for code, own in look.heads.items()},
    }


def _head_definition(head: OwnHead) -> dict[str, str]:
    values = {"masthead": head.masthead and head.masthead.value, "logo": head.logo and head.logo.key}
    return {name: value for name, value in values.items() if value}


def flat_definition(look: Look) -> dict[str, Any]:
    """The values of a look in one object, as the audit trail shows them: "fa: name"."""
    values = definition(look)
    by_language = [*values.pop("words").items(), *values.pop("heads").items()]
    named = {f"{code}: {name}": value for code, own in by_language for name, value in own.items()}
    return {**named, **{name: value for name, value in values.items() if value}}


def _logo(row: LookPicture) -> Logo:
    return Logo(row.key, row.width, row.height, row.is_transparent)


def _delete_unused_pictures(tx: Tx, before: datetime) -> None:
    used = {key for saved in tx.scalars(select(LookVersion.definition)) for key in _logo_keys(saved)}
    old = tx.scalars(select(LookPicture.key).where(LookPicture.created_at < before)).all()
    unused: Sequence[str] = [key for key in old if key not in used]
    if unused:
        tx.execute(delete(LookPicture).where(LookPicture.key.in_(unused)))


def _logo_keys(definition: Mapping[str, Any]) -> Iterator[str]:
    for head in (definition, *definition.get("heads", {}).values()):
        yield head.get("logo", "")


def _look(tx: Tx, version: int, definition: Mapping[str, Any], environment: Words) -> Look:
    words = {
        code: Words(**{name: own.get(name, "") for name in WORD_NAMES})
        for code, own in definition.get("words", {}).items()
    }
    heads = {
        code: OwnHead(
            Masthead(own["masthead"]) if "masthead" in own else None, find_logo(tx, own.get("logo", ""))
        )
        for code, own in definition.get("heads", {}).items()
    }
    return Look(
        version=version,
        words=MappingProxyType({code: own for code, own in words.items() if own != NO_WORDS}),
        colour=definition.get("colour", ""),
        dark_colour=definition.get("dark_colour", ""),
        masthead=Masthead(definition.get("masthead", Masthead.BOTH)),
        logo=find_logo(tx, definition.get("logo", "")),
        heads=MappingProxyType(heads),
        environment=environment,
    )
