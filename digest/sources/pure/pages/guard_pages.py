"""Recognises the pages with which guards of sites ask visitors to prove that they are human."""

import re

from digest.errors import NewsroomText

MAX_GUARD_PAGE_BYTES = 300_000  # the largest pages of guards have some 50 kB
MAX_TEXT_LENGTH = 700  # characters that such a page shows
MAX_LINKS = 6
IS_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body|title|script|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
TITLE = re.compile(r"<title[^<>]*>([^<]{0,200})</title", re.IGNORECASE)
HIDDEN = re.compile(
    r"<(script|style|svg|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL
)
TAG = re.compile(r"<[^<>]*>")
LINK = re.compile(r"<a\s", re.IGNORECASE)
# What only the scripts of a guard's page contain. Some guards put other scripts of theirs into each page of a site.
SCRIPT_MARKS = {
    "_cf_chl_opt": "Cloudflare",
    "/.well-known/ddos-guard/": "DDoS-Guard",
    "sucuri_cloudproxy_js": "Sucuri",
    "_incapsula_resource": "Imperva",
    "captcha-delivery.com": "DataDome",
    "px-captcha": "HUMAN",
    "awswafcookiedomainlist": "AWS WAF",
    "gokuprops": "AWS WAF",
    "anubis_challenge": "Anubis",
    "sec-if-cpt-container": "Akamai",
    "bm-verify": "Akamai",
    "slowaes.decrypt": "",
}
# Titles of such pages, in small letters and without dots.
TITLES = {
    "just a moment": "Cloudflare",
    "attention required! | cloudflare": "Cloudflare",
    "ddos-guard": "DDoS-Guard",
    "making sure you're not a bot!": "Anubis",
    "vercel security checkpoint": "Vercel",
    "you are being redirected": "Sucuri",
    **dict.fromkeys(
        (
            "one moment, please", "please wait", "checking your browser", "verifying your browser", "bot verification",
            "human verification", "security check", "security verification", "are you a robot?", "robot or human?",
            "checking your browser before accessing the website", "verify you are human", "client challenge",
        ),
        "",
    ),
}  # fmt: skip


def guard_page_reason(body: bytes) -> str:
    """Why `body` is no content, if it is the page of a guard; otherwise "".

    It shows little text and few links, and has the title or the script of such a page: articles about them have more.
    """
    if len(body) > MAX_GUARD_PAGE_BYTES or not IS_HTML.match(body):
        return ""
    html = body.decode("utf-8", "replace")
    title = TITLE.search(html)
    title_text = " ".join(title[1].split()) if title else ""
    guard = _guard_of(title_text, html)
    if guard is None or len(LINK.findall(html)) > MAX_LINKS or _text_length(html) > MAX_TEXT_LENGTH:
        return ""
    return describe_guard(guard, title_text)


def describe_guard(guard: str, title: str = "") -> str:
    """What a guard did, in words; `guard` is its name or "", and `title` that of its page."""
    page = NewsroomText("a page of %(guard)s", guard=guard) if guard else NewsroomText("a page")
    return NewsroomText(
        "the site sent %(page)s that asks visitors to prove that they are human%(title)s; "
        "ask the publisher to let feed readers in, or look for another address of the feed",
        page=page,
        title=f' ("{title[:60]}")' if title else "",
    )


def _guard_of(title: str, html: str) -> str | None:
    """The name of the guard whose page this may be, "" if it is not known; None if nothing speaks for one."""
    guard = TITLES.get(title.casefold().rstrip(". …"))
    if guard:
        return guard
    small = html.lower()
    return next((name for mark, name in SCRIPT_MARKS.items() if mark in small), guard)


def _text_length(html: str) -> int:
    return len(" ".join(TAG.sub(" ", HIDDEN.sub(" ", html)).split()))
