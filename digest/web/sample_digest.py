"""What a choice on the form gets today, before an address is given: about how many stories, and the digest."""

from flask import Response, jsonify, render_template, request
from flask_babel import ngettext

from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.edition_spec import PreferencesSpec
from digest.i18n.locales import localize_digits
from digest.parts import parts
from digest.subscribers.preference_fields import FormValues, chosen_regions, content_values
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, parse_content
from digest.subscribers.pure.subscription import existing_regions
from digest.subscribers.states import DigestSize
from digest.web.blueprint import bp
from digest.web.layout import digest_language, page_language
from digest.web.web_edition import digest_html, for_its_readers

MAX_REGIONS = 60  # of a choice that is counted or shown; nobody reads more, and each costs time


@bp.post("/digest-today", endpoint="sample")
def sample() -> Response:
    """The digest of the last day for the choice in the form. Reads no address, and changes nothing."""
    p, preferences = parts(), choice_in(request.form)
    now = p.clock()
    with p.db.read() as tx:
        found = p.samples.compose(tx, preferences, now)
    if found is None:
        return Response(render_template("web/no_sample.html", has_regions=bool(preferences.regions)))
    digest_input = DigestInput(
        found.digest.subject, preferences.language, "", found.sections, "", content=preferences.content
    )
    page = digest_html(digest_input, found.shown, regions=preferences.regions, cutoff=now)
    return for_its_readers(Response(page))


@bp.get("/digest-today/count")
def sample_count() -> Response:
    """About how many stories a day the choice in the address gets, in words, as JSON."""
    response = jsonify(text=count_line(request.args))
    response.headers["Cache-Control"] = "public, max-age=600"
    return response


def count_line(form: FormValues) -> str:
    """ "About 23 stories a day", from those of the last day; "" without regions."""
    preferences, lang = choice_in(form), page_language()
    if not preferences.regions:
        return ""
    p = parts()
    with p.db.read() as tx:
        count = p.samples.count_stories(tx, preferences, p.clock())
    line = str(ngettext("About %(num)s story a day", "About %(num)s stories a day", count))
    return localize_digits(line, lang)


def choice_in(form: FormValues) -> PreferencesSpec:
    """The preferences in a form. What is not valid is left out: this is only a look."""
    p = parts()
    language = form.get("language", "")
    language = language if language in p.languages else digest_language()
    size = form.get("size", "")
    errors: dict[str, str] = {}
    content = parse_content(
        content_values(form) or DEFAULT_CONTENT.as_values(),
        errors,
        language=language,
        default_kinds=p.default_kinds,
    )
    return PreferencesSpec(
        existing_regions(chosen_regions(form)[:MAX_REGIONS], p.tree),
        language,
        DigestSize(size) if size in set(DigestSize) else DigestSize.STANDARD,
        DEFAULT_CONTENT if errors else content,
    )
