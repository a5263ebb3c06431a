"""What a browser would send of a form on a page, with nothing typed."""

import re
from html import unescape

CONTROL = re.compile(
    r"<input\b[^>]*>|<textarea\b[^>]*>(.*?)</textarea>|<select\b[^>]*>(.*?)</select>", re.DOTALL
)


def form_values(page: str, action: str) -> dict[str, list[str]]:
    """The fields of the last form with this address; "": of the form that has none."""
    attribute = rf'[^>]*action="{re.escape(action)}"' if action else r'(?![^>]*action=)[^>]*method="post"'
    forms = re.findall(rf"<form{attribute}[^>]*>(.*?)</form>", page, re.DOTALL)
    assert forms, f"no form for {action}"
    values: dict[str, list[str]] = {}
    for found in CONTROL.finditer(forms[-1]):
        tag = found[0].partition(">")[0]
        name = re.search(r'\bname="(\w+)"', tag)
        if name is not None and name[1] != "csrf_token" and 'type="file"' not in tag:
            values.setdefault(name[1], []).extend(_values(tag, found))
    return {name: sent for name, sent in values.items() if sent}


def _values(tag: str, found: "re.Match[str]") -> list[str]:
    if tag.startswith("<textarea"):
        return [unescape(found[1]).removeprefix("\n")]
    if tag.startswith("<select"):
        options = re.findall(r"<option\b([^>]*)>", found[2])
        return [_value(option) for option in [one for one in options if "selected" in one] or options[:1]]
    is_sent = not re.search(r'type="(checkbox|radio)"', tag) or " checked" in tag
    return [_value(tag)] if is_sent else []


def _value(tag: str) -> str:
    found = re.search(r'\bvalue="([^"]*)"', tag)
    return unescape(found[1]) if found else ""
