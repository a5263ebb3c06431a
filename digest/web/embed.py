"""The sign-up form on other sites: as a frame, or as a plain HTML form that posts here. EMBED_ORIGINS says which sites.

It sets no cookie and needs no script. The same letter confirms a sign-up as everywhere, with the same limits.
"""

from urllib.parse import urlsplit

from flask import Response, abort, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from digest.errors import InvalidInputError
from digest.parts import parts
from digest.subscribers import letter_requests, subscription_form
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.subscription import InvalidSubscriptionError, Subscription, existing_regions
from digest.task_names import TaskName
from digest.tasks import enqueue
from digest.web.blueprint import bp
from digest.web.layout import digest_language, translate_message
from digest.web.same_site import is_from_another_site
from digest.web.security_headers import CSP

MAX_REGIONS = 20
HONEYPOT = "website"  # a field that people do not see; programs fill it


@bp.get("/embed")
def embed() -> Response:
    """The small form for a frame on another site. `regions` are preset, `thanks` is where its reader goes on."""
    return _framed(_render(request.args.getlist("regions"), request.args.get("thanks", "")))


@bp.post("/embed", endpoint="embed_post")
def embed_post() -> BaseResponse:
    """Record a sign-up from a frame, or from a form of an allowed site. Answers the same for every address."""
    origin = request.headers.get("Origin", "")
    if is_from_another_site() and origin not in parts().settings.embed_origins:
        abort(403)
    form, p = request.form, parts()
    regions, thanks = form.getlist("regions"), form.get("thanks", "")
    try:
        address = parse_address(form.get("email", ""))
        subscription = subscription_form.read_subscription_form(
            form,
            p.tree,
            languages=p.languages,
            default_kinds=p.default_kinds,
            current=Subscription((), language=digest_language()),
        )
    except InvalidSubscriptionError as error:
        text = " ".join(translate_message(message) for message in error.errors.values())
        return _framed(_render(regions, thanks, error=text), 422)
    except InvalidInputError as error:
        return _framed(_render(regions, thanks, error=translate_message(error)), 422)
    if not form.get(HONEYPOT):  # a program that filled it gets the same answer and no letter
        wording = _("We send one mail with a link to confirm. Nothing else comes until you have clicked it.")
        sign_up = SubscriptionRequest(address, subscription, request.remote_addr or "", wording)
        letter_requests.record_subscription(p.db, sign_up, p.clock())
        enqueue(TaskName.SEND_LETTERS)
    if is_from_another_site() and _is_allowed(thanks):
        return redirect(thanks, 303)
    return _framed(render_template("web/embed_sent.html", thanks=thanks if _is_allowed(thanks) else ""))


def _render(regions: list[str], thanks: str, *, error: str = "") -> str:
    tree = parts().tree
    chosen = existing_regions(regions[:MAX_REGIONS], tree) or ("world",)
    return render_template(
        "web/embed.html",
        regions=[(slug, tree.name(slug, digest_language())) for slug in chosen],
        thanks=thanks if _is_allowed(thanks) else "",
        error=error,
        email=request.form.get("email", ""),
        language=digest_language(),
        honeypot=HONEYPOT,
    )


def _is_allowed(address: str) -> bool:
    """Whether a thank-you page is on one of the allowed sites, so that our form can't send people anywhere."""
    try:
        url = urlsplit(address)
    except ValueError:
        return False
    return f"{url.scheme}://{url.netloc}" in parts().settings.embed_origins


def _framed(body: str, status: int = 200) -> Response:
    response = Response(body, status)
    origins = " ".join(sorted(parts().settings.embed_origins)) or "'none'"
    policy = CSP.replace("frame-ancestors 'none'", f"frame-ancestors {origins}")
    response.headers["Content-Security-Policy"] = policy
    return response
