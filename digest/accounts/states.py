"""The states, roles and kinds of accounts, as they are stored."""

from enum import StrEnum


class AccountState(StrEnum):
    """Whether an account may sign in."""

    ACTIVE = "active"
    CLOSED = "closed"


class Role(StrEnum):
    """What an account may do. Each role may also do what the ones before it may."""

    VIEWER = "viewer"  # reads
    EDITOR = "editor"  # news and editions
    MANAGER = "manager"  # subscribers, suppressions, erasing
    ADMIN = "admin"  # accounts and the audit trail

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what `other` may."""
        order = tuple(Role)
        return order.index(self) >= order.index(other)


class AccountLetterKind(StrEnum):
    """What a mail to an account has: a link to choose a password, or a notice of a change."""

    INVITATION = "invitation"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  -- the name of a kind
    FACTORS_CHANGED = "factors_changed"


KINDS_WITH_LINK = (AccountLetterKind.INVITATION, AccountLetterKind.RESET)


class AccountLetterState(StrEnum):
    """What has become of a mail to an account. The names are those of the other letters' states."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    IN_DOUBT = "in_doubt"


OPEN_ACCOUNT_LETTER_STATES = (AccountLetterState.PLANNED, AccountLetterState.CLAIMED)  # still to be sent


class Face(StrEnum):
    """The way by which something was changed."""

    NEWSROOM = "newsroom"
    COMMAND = "command"
    TASK = "task"  # of the worker, on behalf of the account that asked for it
    API = "api"  # a program with a token


class Scope(StrEnum):
    """What a token opens. `SCOPES_INCLUDED` says which scopes have others in them."""

    READ = "read"  # news, editions, totals, feedback: no address of a subscriber
    SUBSCRIBERS = "subscribers"  # subscribers and suppressions, with their addresses
    EDITORIAL = "editorial"  # sources, articles, stories, drafts of editions
    SEND = "send"  # sending, and cancelling what is sent
    ADMIN = "admin"  # settings


SCOPES_INCLUDED = {
    Scope.READ: frozenset((Scope.READ,)),
    Scope.SUBSCRIBERS: frozenset((Scope.READ, Scope.SUBSCRIBERS)),
    Scope.EDITORIAL: frozenset((Scope.READ, Scope.EDITORIAL)),
    Scope.SEND: frozenset((Scope.READ, Scope.EDITORIAL, Scope.SEND)),
    Scope.ADMIN: frozenset(Scope),
}


class SecurityEvent(StrEnum):
    """The stable names of security events, in the audit trail and in the log."""

    SIGNED_IN = "account.signed_in"
    SIGN_IN_FAILED = "account.sign_in_failed"
    SIGN_IN_DELAYED = "account.sign_in_delayed"  # too many failures: refused without looking at the password
    SECOND_FACTOR_FAILED = "account.second_factor_failed"
    SIGNED_OUT = "account.signed_out"
    IDENTITY_CONFIRMED = "account.identity_confirmed"
    CONFIRMATION_FAILED = "account.confirmation_failed"
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105  -- the name of an event
    RESET_REQUESTED = "account.reset_requested"
    SECOND_FACTOR_ADDED = "account.second_factor_added"
    SECOND_FACTOR_REMOVED = "account.second_factor_removed"
    RECOVERY_CODE_USED = "account.recovery_code_used"
    CREATED = "account.created"
    ROLE_CHANGED = "account.role_changed"
    CLOSED = "account.closed"
    REOPENED = "account.reopened"
    ACCESS_DENIED = "access.denied"
    TOKEN_CREATED = "token.created"  # noqa: S105  -- the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105  -- the name of an event
