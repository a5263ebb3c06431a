"""The description of the API in OpenAPI 3.1, and the same as a page for people.

Spectree describes paths, models and parameters. What holds for all operations is added here, so that it is said once.
"""

from copy import deepcopy
from typing import Any

from flask import Response, jsonify, render_template

from digest.api.v1.blueprint import BASE_PATH, bp
from digest.api.v1.operations import OPERATIONS, Operation
from digest.api.v1.repeats import KEY_HEADER, MAX_KEY_LENGTH
from digest.parts import parts
from digest.problem_details import PROBLEM_NAMES, PROBLEM_TYPE
from digest.route_access import ACCESS

Schema = dict[str, Any]
TOKEN_SCHEME = "token"  # noqa: S105  -- the name of a security scheme
ALWAYS = (400, 401, 403, 422, 429, 503)  # problems that every operation may answer with
PUBLIC = (400, 422, 429, 503)
DESCRIPTION = """For programs that work with this site. Send a token as `Authorization: Bearer …`. Lists have pages: ask
for the next one with `cursor`. Errors are problem details (RFC 9457). Read docs/api.md for recipes."""
PROBLEM: Schema = {
    "type": "object",
    "description": "What is wrong, and what to do (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "The place of each wrong value, and what is expected there.",
            "items": {
                "type": "object",
                "required": ["at", "detail"],
                "properties": {"at": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
TEXT: Schema = {"type": "string"}


@bp.get("/openapi.json")
def openapi() -> Response:
    """The description, for programs that make clients and tests of it."""
    return jsonify(description())


@bp.get("/")
def reference() -> Response:
    """The description as a page."""
    page = render_template("api/reference.html", spec=description(), problems=PROBLEM_NAMES, base=BASE_PATH)
    response = Response(page, mimetype="text/html")
    response.headers["Content-Disposition"] = "inline"
    return response


def description() -> Schema:
    """The description of all operations, in OpenAPI 3.1."""
    from digest.api.v1.described import paths_and_models  # imported and built only if somebody asks

    spec: Schema = deepcopy(dict(paths_and_models()))
    spec["info"] |= {
        "description": DESCRIPTION,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    spec["servers"] = [{"url": parts().settings.base_url}]
    schemas = spec["components"]["schemas"]
    schemas |= {"Problem": PROBLEM}
    for name in schemas:
        schemas[name].setdefault("description", "A page of a list.")
    for unused in [name for name in schemas if name.startswith("ValidationError")]:
        del schemas[unused]
    spec["components"]["securitySchemes"] = {
        TOKEN_SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "description": "A token with the scope of the operation.",
        }
    }
    spec.pop("security", None)
    for found in OPERATIONS.values():
        path = found.path.replace("<int:", "<").replace("<", "{").replace(">", "}")
        described = spec["paths"][BASE_PATH + _without_choices(path)][found.method.lower()]
        _complete(described, found)
        _free_rows(schemas, found)
    spec["paths"] = dict(sorted(spec["paths"].items()))
    return spec


def _complete(described: Schema, found: Operation) -> None:
    """Add to an operation what its declaration says beside its models."""
    access = ACCESS[found.endpoint]
    described["summary"] = described["summary"].rstrip(".")
    if access.scope is not None:
        described["security"] = [{TOKEN_SCHEME: [access.scope.value]}]
        described["description"] = f"{described['description']}\n\nScope: {access.scope}.".strip()
    _add_parameters(described["parameters"], found)
    responses: Schema = described["responses"]
    del responses["422"]
    for status in found.statuses:
        responses[str(status)]["headers"] = _headers(found, status)
    if found.method == "GET":
        responses["304"] = {"description": "Not Modified"}
    for status in sorted(_problem_statuses(described, found)):
        responses[str(status)] = _problem(status)


def _add_parameters(parameters: list[Schema], found: Operation) -> None:
    names = []
    if found.repeatable:
        names.append(
            (KEY_HEADER, "A repetition with the same key within a day does nothing and gets the same answer.")
        )
    if found.conditional:
        names.append(("If-Match", "The ETag of what you read: 412 if it has changed since."))
    if found.method == "GET":
        names.append(("If-None-Match", "The ETag of what you have: 304 if it has not changed."))
    for name, text in names:
        schema: Schema = TEXT | ({"minLength": 1, "maxLength": MAX_KEY_LENGTH} if name == KEY_HEADER else {})
        parameters.append(
            {"name": name, "in": "header", "required": False, "schema": schema, "description": text}
        )


def _headers(found: Operation, status: int) -> Schema:
    headers = {}
    if found.model is not None:
        headers["ETag"] = {"schema": TEXT, "description": "For If-None-Match and If-Match."}
    if status == 201:
        headers["Location"] = {"schema": TEXT, "description": "Where it is."}
    if _is_page(found):
        headers["Link"] = {"schema": TEXT, "description": 'The next page, as rel="next".'}
    limits = {"RateLimit": "What is left of the limit.", "RateLimit-Policy": "The limit."}
    return headers | {name: {"schema": TEXT, "description": text} for name, text in limits.items()}


def _problem_statuses(described: Schema, found: Operation) -> set[int]:
    statuses = set(ALWAYS if ACCESS[found.endpoint].scope else PUBLIC) | set(found.problems)
    if "requestBody" in described:
        statuses |= {413, 415}
    if "<" in found.path:
        statuses.add(404)
    if found.repeatable:
        statuses.add(409)
    if found.conditional:
        statuses.add(412)
    return statuses


def _problem(status: int) -> Schema:
    response: Schema = {
        "description": PROBLEM_NAMES[status].replace("-", " "),
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in (429, 503):
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return response


def _is_page(found: Operation) -> bool:
    return found.model is not None and "next" in found.model.model_fields


def _free_rows(schemas: Schema, found: Operation) -> None:
    """Make the fields of a list's rows optional: with `fields`, only some of them are there."""
    if _is_page(found) and found.model is not None:
        row = found.model.model_fields["data"].annotation.__args__[0].__name__.removesuffix("Out")  # type: ignore[union-attr]
        schemas[row].pop("required", None)


def _without_choices(path: str) -> str:
    """The path without the values of its `any` converters.

    >>> _without_choices("/sources/{source_id}/held/{any(release, drop, back):step}")
    '/sources/{source_id}/held/{step}'
    """
    before, mark, rest = path.partition("{any(")
    return f"{before}{{{rest.partition(':')[2]}" if mark else path
