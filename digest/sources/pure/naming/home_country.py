"""The country that a source is from, by the ending of its host or the region of its language."""

from digest.sources.pure.naming.name_words import name_words
from digest.sources.pure.urls import host_of, public_suffix

COUNTRY_CODE_LENGTH = 2
# Codes of endings and tags that differ from ISO 3166.
ISO_CODES = {"UK": "GB"}


def home_country(*addresses: str, language: str = "") -> str:
    """The ISO code of the country that the first of `addresses`, or else the language tag, names; "" if none does.

    Endings that are used for their look (.tv, .me) name no country, nor do tags that software writes by itself (en-US).

    >>> home_country("https://www.abc.net.au/news", language="en-US")
    'AU'
    >>> home_country("https://quay.example/", language="en-AU")
    'AU'
    """
    by_host = (_country_of_host(host_of(address)) for address in addresses)
    return next(filter(None, by_host), "") or _country_of_tag(language)


def _country_of_host(host: str) -> str:
    words = name_words()
    ending = host.rpartition(".")[2]
    if not ending.isascii():
        ending = _ascii(ending)
    if ending in words.international_endings:
        return words.international_endings[ending]
    if len(ending) != COUNTRY_CODE_LENGTH or not (ending.isascii() and ending.isalpha()):
        return ""
    # Who has a name below com.co has it in Colombia; a name right below .co can be anybody's.
    if ending in words.generic_endings and public_suffix(host) == ending:
        return ""
    return _iso(ending)


def _country_of_tag(language: str) -> str:
    tag = language.replace("_", "-").lower()
    region = tag.rpartition("-")[2]
    is_region = "-" in tag and len(region) == COUNTRY_CODE_LENGTH and region.isascii() and region.isalpha()
    return _iso(region) if is_region and tag not in name_words().default_tags else ""


def _iso(code: str) -> str:
    return ISO_CODES.get(code.upper(), code.upper())


def _ascii(label: str) -> str:
    try:
        return label.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
