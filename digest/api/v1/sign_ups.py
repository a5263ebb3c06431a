"""The sign-up for other sites and their forms: no token and no cookie, and the same answer for every address."""

from flask import Response, request

from digest.api.v1.answers import answer
from digest.api.v1.blueprint import bp
from digest.api.v1.operations import operation
from digest.api.v1.schemas.people import SignUp, SignUpAnswer
from digest.api.v1.subscriptions import read_address, read_subscription
from digest.parts import parts
from digest.problem_details import problem_response
from digest.subscribers import letter_requests
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.task_names import TaskName
from digest.tasks import enqueue

ENDPOINT = "v1.sign_up"
PREFLIGHT_LIFETIME = 3600  # seconds for which a browser need not ask again
WORDING = "We send one mail with a link to confirm. Nothing else comes until you have clicked it."


@operation("POST", "/sign-ups", tag="sign-up", answer=SignUpAnswer, statuses=(202,), problems=(403,))
def sign_up(json: SignUp) -> Response:
    """Sign somebody up, from another site.

    Needs no token. A letter asks the owner of the address to confirm. The answer is the same for every address.
    Browsers may send it from the sites in SIGN_UP_ORIGINS. Say beside your form that a mail with a link will come.
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin not in parts().settings.sign_up_origins:
        return problem_response(
            403, f"{origin[:100]} may not sign people up; the operator adds it to SIGN_UP_ORIGINS."
        )
    address, subscription = read_address(json.email), read_subscription(json)
    p = parts()
    wording = f"{WORDING} ({origin})" if origin else WORDING
    wanted = SubscriptionRequest(address, subscription, request.remote_addr or "", wording)
    letter_requests.record_subscription(p.db, wanted, p.clock())
    enqueue(TaskName.SEND_LETTERS)
    return answer(SignUpAnswer(message=WORDING), 202)


@bp.after_request
def allow_origin(response: Response) -> Response:
    """Let browsers on the allowed sites send a sign-up and read the answer. Nothing else of the API is open to them."""
    origin = request.headers.get("Origin")
    if request.endpoint != ENDPOINT:
        return response
    response.headers["Vary"] = "Origin"
    if origin in parts().settings.sign_up_origins:
        response.headers["Access-Control-Allow-Origin"] = str(origin)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "POST"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_LIFETIME)
    return response
