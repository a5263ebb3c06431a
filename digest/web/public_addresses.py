"""Addresses under BASE_URL, so that a page is the same under every host name of the site, and caches may keep it."""

from typing import Any

from flask import url_for

from digest.parts import parts


def absolute_url(endpoint: str, **values: Any) -> str:
    """The absolute address of a page."""
    return parts().settings.base_url + url_for(endpoint, **values)
