"""The error pages: one handler for each kind of error, in the language and the layout of the requested page."""

from collections.abc import Iterable, Sequence

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from digest.errors import DatelineError
from digest.http_statuses import http_status
from digest.problem_details import problem_response
from digest.web.layout import has_own_words, is_admin_request, translate_message

ErrorResponse = tuple[str | Response, int]
# Seconds after which a client may repeat what was not possible: a failover takes about that long.
RETRY_AFTER = 60


def register(app: Flask) -> None:
    """Register the handlers of errors with the application."""
    app.register_error_handler(DatelineError, _dateline_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)
    app.after_request(_add_retry_after)


def error_response(title: str, text: str, status: int) -> ErrorResponse:
    """The response to a failed request: an error page of the site or the newsroom, or JSON for `/api/`."""
    if request.path.startswith("/api/v1/"):
        return problem_response(status, text), status
    if request.path.startswith("/api/"):
        return jsonify(error=text), status
    page = "admin/problem.html" if is_admin_request() else "web/problem.html"
    # Somebody who came by a link in a mail is offered a new link, others the start page.
    came_by_link = "token" in (request.view_args or {})
    return render_template(page, title=title, text=text, came_by_link=came_by_link), status


def no_longer_kept(days: int) -> ErrorResponse:
    """The response to the address of a digest that was deleted after `days`."""
    text = _("Digests can be read here for %(days)d days. This one is older, and was deleted.", days=days)
    return error_response(_("No longer kept"), text, 410)


def _add_retry_after(response: Response) -> Response:
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", str(RETRY_AFTER))
    return response


def _dateline_error(error: Exception) -> ErrorResponse:
    status = http_status(error)
    if status >= 500:
        current_app.logger.warning("%s", error)
        text = _("A part of the site does not answer. Nothing is lost. Please try again in a few minutes.")
        return error_response(_("Temporarily unavailable"), text, status)
    titles = {404: _("Not found"), 409: _("Not possible now"), 410: _("This link has expired")}
    text = translate_message(error)
    if (
        status == 404
        and not is_admin_request()
        and not request.path.startswith("/api/")
        and not has_own_words(error)
    ):
        text = _("There is no page at this address. It may be mistyped or cut off.")
    return error_response(titles.get(status, _("Request failed")), text, status)


def _csrf_error(_error: Exception) -> ErrorResponse:
    text = _(
        "The form was open for too long, or cookies are blocked. Go back, reload the page and send it again."
    )
    return error_response(_("Please send the form again"), text, 400)


def _http_error(error: Exception) -> ErrorResponse | HTTPException | Response:
    if not isinstance(error, HTTPException) or error.code is None or error.code < 400:
        return error  # type: ignore[return-value]  # a redirect exception is itself the response
    if isinstance(error, MethodNotAllowed):
        methods = _methods_here(error.valid_methods or ())
        if methods:
            return _method_not_allowed(methods)
        return _http_error(NotFound())
    # The Host header is not one of our hosts. Our pages can't be rendered, because their links need one.
    if request.url_rule is None and error.code == 400:
        return Response("This server has no site with that host name.\n", 400, mimetype="text/plain")
    default_text = _("We can't read this request. Go back and try again.")
    title, text = {
        403: (_("Not allowed"), _("Your account may not do this. Ask an admin.")),
        404: (_("Not found"), _("There is no page at this address. It may be mistyped or cut off.")),
        413: (_("Too large"), _("The request is too large: the limit is 2 MB.")),
        429: (
            _("Too many requests"),
            _("You sent too many requests in a short time. Please wait a few minutes."),
        ),
    }.get(error.code, (_("Request failed"), default_text))
    return error_response(title, text, error.code)


def _methods_here(methods: Iterable[str]) -> list[str]:
    """Those of the methods that the address takes; none for an id that is too large, for which werkzeug names some."""
    adapter = current_app.create_url_adapter(request)
    return sorted(method for method in methods if adapter and adapter.test(method=method))


def _method_not_allowed(methods: Sequence[str]) -> Response:
    if request.path.startswith("/api/v1/"):
        text = f"This address takes {', '.join(methods)}."
    else:
        text = _("This page can't be opened directly. Use the button that leads to it.")
    response = make_response(error_response(_("Method not allowed"), text, 405))
    response.headers["Allow"] = ", ".join(methods)  # RFC 9110, section 15.5.6
    return response


def _unexpected_error(error: Exception) -> ErrorResponse:
    current_app.logger.error("%s %s failed", request.method, request.endpoint, exc_info=error)
    text = _("Something went wrong on our side. The error is logged. Please try again in a few minutes.")
    return error_response(_("Something went wrong"), text, 500)
