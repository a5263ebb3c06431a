"""Finds the address to which a redirecting service leads, without asking it. `data/redirects.toml` lists them."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

DATA = Path(__file__).parent.parent / "data" / "redirects.toml"
MAX_LAYERS = 3  # of a redirect to a redirect
# Of all addresses, only those with a second address or with one of these in them are looked at.
WRAPPED = re.compile(r".https?(?::|%3a)|/(?:amp|c)/s/|/ru=", re.IGNORECASE)
WEB_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s/]", re.IGNORECASE)
HOST_AND_PATH = re.compile(r"[\w-]+(?:\.[\w-]+)+/.")
ANY_COUNTRY = r"\.[a-z]{2,3}(?:\.[a-z]{2})?"


@dataclass(frozen=True, slots=True)
class _Redirect:
    hosts: re.Pattern[str]
    path: str
    parameters: tuple[str, ...]
    marker: str

    def target(self, parts: SplitResult) -> str:
        """The address that is wrapped in these parts, "" if there is none."""
        if self.marker:
            return self._target_in_path(parts)
        if parts.path.rstrip("/") != self.path.rstrip("/"):
            return ""
        if self.parameters == ("?",):
            return unquote(parts.query) if "%3a" in parts.query.lower() else parts.query
        values = parse_qs(parts.query)
        return next((values[name][0] for name in self.parameters if name in values), "")

    def _target_in_path(self, parts: SplitResult) -> str:
        _, marker, rest = parts.path.partition(self.marker)
        if not marker:
            return ""
        if "%2f" in rest[:11].lower():  # escaped, and other parts of the path follow it
            return unquote(rest.partition("/")[0])
        whole = f"{rest}?{parts.query}" if parts.query else rest
        return f"https://{whole}" if HOST_AND_PATH.match(rest) else whole


def unwrap(url: str) -> str:
    """The address to which `url` leads, if it is one of a redirecting service; otherwise `url`.

    >>> unwrap("https://www.google.com/url?rct=j&sa=t&url=https://news.example/a%3Fid%3D1&ct=ga")
    'https://news.example/a?id=1'
    """
    for _ in range(MAX_LAYERS):
        target = _target(url) if WRAPPED.search(url) else ""
        if not target:
            break
        url = target
    return url


def _target(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        targets = (redirect.target(parts) for redirect in _redirects() if redirect.hosts.fullmatch(host))
        return next((target for target in targets if WEB_ADDRESS.match(target)), "")
    except ValueError:
        return ""


@cache
def _redirects() -> tuple[_Redirect, ...]:
    listed = tomllib.loads(DATA.read_text(encoding="utf-8"))["redirects"]
    return tuple(
        _Redirect(
            hosts=_host_pattern(item["hosts"]),
            path=item.get("path", ""),
            parameters=tuple(item.get("parameters", ())),
            marker=item.get("marker", ""),
        )
        for item in listed
    )


def _host_pattern(hosts: list[str]) -> re.Pattern[str]:
    names = [
        re.escape(host.removesuffix(".*")) + (ANY_COUNTRY if host.endswith(".*") else "") for host in hosts
    ]
    return re.compile(rf"(?:[\w-]+\.)*(?:{'|'.join(names)})", re.IGNORECASE)
