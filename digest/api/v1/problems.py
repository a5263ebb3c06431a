"""What went wrong in the API, as problem details. An error that is none of ours is logged and not shown."""

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from digest.api.v1.blueprint import bp
from digest.api.v1.reading import InvalidValuesError
from digest.errors import DatelineError, InvalidInputError
from digest.http_statuses import http_status
from digest.problem_details import problem_response
from digest.subscribers.pure.subscription import InvalidSubscriptionError

DETAILS = {
    413: "The body is too large: the limit is 2 MB.",
    429: "Too many requests in a short time; Retry-After says when to go on.",
}


class PreconditionFailedError(DatelineError):
    """The thing was changed after the program read it."""


@bp.errorhandler(DatelineError)
def handle_dateline_error(error: DatelineError) -> Response:
    """Say what is wrong and what to do."""
    if isinstance(error, PreconditionFailedError):
        return problem_response(412, str(error))
    if isinstance(error, InvalidValuesError):
        return problem_response(422, str(error), errors=error.errors)
    if isinstance(error, InvalidSubscriptionError):
        errors = [{"at": f"/{name}", "detail": str(text)} for name, text in error.errors.items()]
        return problem_response(422, str(error), errors=errors)
    if isinstance(error, InvalidInputError):
        return problem_response(422, str(error))
    status = http_status(error)
    if status < 500:
        return problem_response(status, str(error))
    current_app.logger.warning("%s", error)
    return problem_response(
        503, "A part of the site does not answer. Nothing is lost; try again in a minute."
    )


@bp.errorhandler(HTTPException)
def handle_http_error(error: HTTPException) -> Response | HTTPException:
    """Say what is wrong with the request itself."""
    if error.code is None or error.code < 400:
        return error
    headers = {"Allow": ", ".join(error.valid_methods or ())} if isinstance(error, MethodNotAllowed) else {}
    return problem_response(error.code, DETAILS.get(error.code, str(error.description)), headers=headers)


@bp.errorhandler(Exception)
def handle_unexpected_error(error: Exception) -> Response:
    """Log an error that nobody expected; its text may have what nobody shall see."""
    current_app.logger.error("%s %s failed", request.method, request.endpoint, exc_info=error)
    return problem_response(
        500, "Something went wrong on our side. It is logged; try again in a few minutes."
    )
