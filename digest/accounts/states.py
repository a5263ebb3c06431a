"""The states and roles of an account, as they are stored."""

from enum import StrEnum


class AccountState(StrEnum):
    """Whether an account may sign in."""

    ACTIVE = "active"
    CLOSED = "closed"


class Role(StrEnum):
    """What an account may do: an admin may also manage accounts."""

    EDITOR = "editor"
    ADMIN = "admin"
