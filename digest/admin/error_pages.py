"""Shows the newsroom's errors: after a POST as a message on the page it came from, after a GET as an error page."""

from flask import flash, g, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin import edit_conflicts, typed_forms
from digest.admin.blueprint import bp
from digest.admin.redirects import redirect_back
from digest.admin.texts import translated
from digest.errors import DatelineError, NotFoundError
from digest.http_statuses import http_status


@bp.errorhandler(DatelineError)
def handle_dateline_error(error: DatelineError) -> Response | tuple[str, int]:
    """Show the text of an error."""
    g.has_failed = True
    status = http_status(error)
    if request.method == "POST":
        if (page := typed_forms.show_again(error)) is not None:
            return page
        if isinstance(error, NotFoundError) and (typed := edit_conflicts.typed_texts()):
            return render_template(
                "admin/problem.html", title=_("Not found"), text=translated(error), typed_texts=typed
            ), status
        if status != 503:  # without the database, or while too many sign in, no other page could say it
            flash(translated(error), "error")
            return redirect_back("admin.overview")
    titles = {404: _("Not found"), 409: _("Not possible now"), 503: _("Temporarily unavailable")}
    title = titles.get(status, _("Request failed"))
    return render_template("admin/problem.html", title=title, text=translated(error)), status
