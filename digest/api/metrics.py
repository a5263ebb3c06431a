"""/metrics for Prometheus, and the counts of requests by route that it shows."""

import time

from flask import Blueprint, Flask, Response, current_app, g, request

from digest import __version__, broker_state
from digest.api.health import may_see_details
from digest.errors import UnavailableError
from digest.monitoring.condition import load_condition
from digest.monitoring.figures import Figures
from digest.monitoring.series import BUCKETS, INFINITY
from digest.monitoring.states import FigureName
from digest.parts import parts
from digest.task_names import Queue

bp = Blueprint("metrics", __name__)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
UNKNOWN_ROUTE = "none"  # of a request for a page that does not exist: paths are a stranger's, and have no end


@bp.get("/metrics")
def metrics() -> Response:
    """The figures of all processes, for this machine or with MONITORING_TOKEN as a bearer token."""
    p = parts()
    if not may_see_details(p.settings.monitoring_token):
        return Response("MONITORING_TOKEN as a bearer token is needed\n", 404, mimetype="text/plain")
    from digest.monitoring.exposition import expose  # with Prometheus's library

    p.figures.flush()
    condition = load_condition(p.db, current_app.extensions["celery"], p.clock())
    body = expose(condition, _queue_lengths(), __version__)
    return Response(body, content_type=CONTENT_TYPE)


def count_requests(app: Flask) -> None:
    """Count each request of the application, and write the counts when its response is sent."""
    app.before_request(_start_timer)
    app.after_request(_count)


def _start_timer() -> None:
    g.request_started_at = time.monotonic()


def _count(response: Response) -> Response:
    figures = parts().figures
    seconds = time.monotonic() - g.get("request_started_at", time.monotonic())
    method = request.method if request.method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
    count_request(figures, request.endpoint or UNKNOWN_ROUTE, method, str(response.status_code), seconds)
    response.call_on_close(figures.flush_if_due)
    return response


def count_request(figures: Figures, route: str, method: str, status: str, seconds: float) -> None:
    """Add a request to the figures. They are written later."""
    bound = next((str(bucket) for bucket in BUCKETS if seconds <= bucket), INFINITY)
    figures.add(FigureName.HTTP_REQUESTS, route=route, method=method, status=status)
    figures.add(FigureName.HTTP_BUCKET, route=route, le=bound)
    figures.add(FigureName.HTTP_SECONDS, seconds, route=route)


def _queue_lengths() -> dict[str, int]:
    """The messages in each queue; none while the broker does not answer."""
    celery = current_app.extensions["celery"]
    try:
        return {queue.value: broker_state.count_waiting(celery, queue) for queue in Queue}
    except UnavailableError:
        return {}
