"""The language of the newsroom's pages: a choice of the account; before signing in, of the switch or the browser."""

from flask import g, request, session
from flask_login import current_user

from digest.accounts.models import Account
from digest.accounts.store import accounts as store
from digest.i18n.catalogs import NEWSROOM_LANGUAGES
from digest.parts import parts

CHOSEN = "language"  # in the session of somebody who has not signed in


def page_language() -> str:
    """The language of this page of the newsroom."""
    user = g.get("idle_user") or current_user
    own = getattr(user, "language", "")
    return own if own in NEWSROOM_LANGUAGES else _chosen_language() or _browser_language()


def keep_choice() -> None:
    """Keep the language that the switch of the sign-in page asks for until somebody signs in."""
    if chosen := _chosen_language():
        session[CHOSEN] = chosen


def settle(account: Account) -> Account:
    """The account with its language: the one chosen by the switch, else its own, else that of this page."""
    language = _chosen_language() or account.language or page_language()
    if language == account.language:
        return account
    with parts().db.begin() as tx:
        stored = store.by_id(tx, account.id)
        stored.language = language
        return stored


def _chosen_language() -> str:
    """The language that the address asks for, or asked for on the page before; "" for none."""
    chosen = request.args.get("lang", "") or session.get(CHOSEN, "")
    return chosen if chosen in NEWSROOM_LANGUAGES else ""


def _browser_language() -> str:
    return request.accept_languages.best_match(NEWSROOM_LANGUAGES) or NEWSROOM_LANGUAGES[0]
