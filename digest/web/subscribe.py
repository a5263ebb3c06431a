"""The form at `/`, what is said after it was sent, and the link for those who are readers already."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.editions.store import editions
from digest.errors import InvalidInputError
from digest.parts import Parts, parts
from digest.regions.tree.outline import found, outline
from digest.subscribers import lifecycle
from digest.subscribers.pure.email_address import Address, read_address
from digest.subscribers.pure.subscription import InvalidWishesError, Wishes
from digest.tasks import say
from digest.web import form_choices
from digest.web.blueprint import bp
from digest.web.layout import digest_language, language, said
from digest.web.outbox import outbox_open

Page = str | tuple[str, int] | Response


@bp.get("/")
def join() -> Page:
    """The form, and a link to the sample digest if there is one."""
    return _form({}, request.args.getlist("regions"))


@bp.post("/", endpoint="join_post")
def join_post() -> Page:
    """Take a request to join; with "Find", only narrow the list. The answer never tells who is a reader."""
    chosen, query = request.form.getlist("regions"), request.form.get("query", "").strip()
    if "find" in request.form:
        return _form(request.form, chosen, query=query)
    address, wishes, errors = _read(parts())
    if address is None or wishes is None:
        return _form(request.form, chosen, errors=errors), 422
    wording = _("We send one mail with a link to confirm. Nothing else comes until you have clicked it.")
    asked = lifecycle.Asked(address, wishes, request.remote_addr or "", wording)
    p = parts()
    lifecycle.join(p.db, asked, secret=p.settings.secret_key, now=p.reader.clock())
    say("letters.send")  # also when none is owed: the time that an answer takes tells nothing either
    return redirect(url_for("web.sent"), 303)


@bp.get("/sent")
def sent() -> Page:
    """What everybody reads who has asked for something by mail."""
    return render_template("web/sent.html", outbox=outbox_open())


@bp.get("/link")
def link() -> Page:
    """The form to have one's link mailed."""
    return render_template("web/link.html", email="", errors={})


@bp.post("/link", endpoint="link_post")
def link_post() -> Page:
    """Mail a reader their link; others get the same answer and no mail."""
    p = parts()
    email = request.form.get("email", "")
    try:
        address = read_address(email)
    except InvalidInputError as error:
        return render_template("web/link.html", email=email, errors={"email": said(error)}), 422
    lifecycle.ask_for_link(p.db, address, p.reader.clock())
    say("letters.send")
    return redirect(url_for("web.sent"), 303)


def _read(p: Parts) -> tuple[Address | None, Wishes | None, dict[str, str]]:
    errors: dict[str, str] = {}
    address = wishes = None
    try:
        address = read_address(request.form.get("email", ""))
    except InvalidInputError as error:
        errors["email"] = said(error)
    try:
        wishes = form_choices.wishes(request.form, p.tree, languages=p.languages, language=digest_language())
    except InvalidWishesError as error:
        errors |= {field: said(text) for field, text in error.errors.items()}
    return address, wishes, errors


def _form(
    values: Mapping[str, str],
    chosen: Sequence[str],
    *,
    query: str = "",
    errors: Mapping[str, str] | None = None,
) -> str:
    return render_template(
        "web/join.html",
        form=values,
        errors=errors or {},
        sample_url=_sample_url(),
        outbox=outbox_open(),
        popular=form_choices.popular(parts().tree, language()),
        **wishes_fields(chosen, query),
    )


def wishes_fields(chosen: Sequence[str], query: str) -> dict[str, Any]:
    """What the fields for regions and times need."""
    tree, lang = parts().tree, language()
    known = {region.slug for region in tree.all()}
    ticked = {slug for slug in chosen if slug in known}
    return {
        "query": query,
        "nodes": found(tree, query, lang) if query else outline(tree, lang),
        "chosen": ticked,
        "names": {slug: tree.name(slug, lang) for slug in ticked},
        "times": form_choices.times(),
        "zones": form_choices.zones(),
        "languages": form_choices.tongues(parts().languages),
        "own_language": digest_language(),
    }


def _sample_url() -> str:
    with parts().db.read() as tx:
        digest = editions.sample_digest(tx)
    return url_for("web.read", public_id=digest.public_id) if digest else ""
