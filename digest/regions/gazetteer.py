"""The gazetteer and the tagger that come with the program, each made once."""

from functools import cache

from digest.regions import data_files
from digest.regions.pure.tagger import Tagger
from digest.regions.pure.vocabulary import Gazetteer


@cache
def load() -> Gazetteer:
    """The bundled gazetteer (data/gazetteer.json)."""
    return Gazetteer.from_table(data_files.gazetteer())


@cache
def tagger() -> Tagger:
    """The tagger over the bundled gazetteer; safe to share between threads, as it keeps nothing of a text."""
    return Tagger(load())
