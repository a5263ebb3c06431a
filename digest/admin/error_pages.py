"""When a stage says no: after a button, its words on the page one came from; for a page, a page that says them."""

from flask import flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin.auth import back
from digest.admin.blueprint import bp
from digest.errors import ConflictError, DatelineError, NotFoundError, UnavailableError

STATUS: dict[type[DatelineError], int] = {NotFoundError: 404, ConflictError: 409, UnavailableError: 503}


@bp.errorhandler(DatelineError)
def said_no(error: DatelineError) -> Response | tuple[str, int]:
    """Tell the editor what the stage said."""
    if request.method == "POST":
        flash(str(error), "error")
        return back("admin.overview")
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    titles = {404: _("Not found"), 409: _("Not possible now"), 503: _("Not just now")}
    title = titles.get(status, _("That did not work"))
    return render_template("admin/problem.html", title=title, text=str(error)), status
