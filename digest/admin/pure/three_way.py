"""Merges what somebody typed with what somebody else saved since the form was opened, field by field.

A form carries a fingerprint of each value that it showed. With what is stored now and what was typed, three values of
each field are known: who left a field as the form showed it takes what is stored; who changed it gets their way, unless
somebody else has changed it too, and to something else.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

FINGERPRINT_LENGTH = 16  # hexadecimal digits; it need not withstand anybody: who forges it could as well type
MAX_SHOWN = 20_000  # characters of a field with fingerprints


@dataclass(frozen=True, slots=True)
class MergedFields:
    """The values to save or to show again, the fields that both have changed, and those that only somebody else has."""

    values: Mapping[str, Any]
    conflicts: tuple[str, ...]
    theirs: tuple[str, ...]


def canonical(value: object) -> str:
    """A value as text that is the same however a form or a database writes it. The order of a list counts."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int | float):
        return repr(float(value))
    if isinstance(value, list | tuple):
        return " ".join(map(canonical, value))
    if isinstance(value, set | frozenset):
        return " ".join(sorted(map(canonical, value)))
    lines = str(value).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def write_shown(values: Mapping[str, Any]) -> str:
    """The fingerprints of the values that a form shows, for a field of the form."""
    return " ".join(f"{name}:{_fingerprint(value)}" for name, value in values.items())


def read_shown(text: str) -> dict[str, str]:
    """The fingerprints by name of field. What can't be read is left out, as if the form had not shown it."""
    pairs = (item.rpartition(":") for item in text[:MAX_SHOWN].split())
    return {name: digest for name, colon, digest in pairs if colon and len(digest) == FINGERPRINT_LENGTH}


def merge(
    shown: Mapping[str, str],
    stored: Mapping[str, Any],
    typed: Mapping[str, Any],
    asserted: Collection[str] = (),
) -> MergedFields:
    """MergedFields what was typed with what is stored.

    A field that the form did not show is as typed, as it is for a program that sends no fingerprints. Saving an
    `asserted` field says something even if it was left as shown: this value and no other.
    """
    values, conflicts, theirs = dict[str, Any](), list[str](), list[str]()
    for name, value in typed.items():
        before, now, mine = shown.get(name), _fingerprint(stored[name]), _fingerprint(value)
        values[name] = value
        if before is None or now in {before, mine}:
            continue
        if mine == before and name not in asserted:
            values[name] = stored[name]
            theirs.append(name)
        else:
            conflicts.append(name)
    return MergedFields(values, tuple(conflicts), tuple(theirs))


def _fingerprint(value: object) -> str:
    return sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()[:FINGERPRINT_LENGTH]
