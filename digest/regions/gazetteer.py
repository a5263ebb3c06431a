"""The gazetteer and the tagger that come with the program, each made once."""

from functools import cache

from digest.regions import datafiles
from digest.regions.tagging import Tagger
from digest.regions.vocabulary import Gazetteer


@cache
def load() -> Gazetteer:
    """The bundled gazetteer (data/gazetteer.json)."""
    return Gazetteer.from_table(datafiles.gazetteer())


@cache
def tagger() -> Tagger:
    """The tagger over the bundled gazetteer; safe to share between threads, as it keeps nothing of a text."""
    return Tagger(load())
