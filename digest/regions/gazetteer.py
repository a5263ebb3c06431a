"""The bundled gazetteer and the tagger that uses it, each made once."""

from functools import cache

from digest.regions import data_files, lexicons
from digest.regions.pure.tagger import Tagger
from digest.regions.pure.vocabulary import Gazetteer


@cache
def load() -> Gazetteer:
    """The bundled gazetteer (data/gazetteer.json)."""
    return Gazetteer.from_table(data_files.gazetteer())


@cache
def tagger() -> Tagger:
    """The tagger with the bundled gazetteer. Threads may share it, because it keeps nothing between texts."""
    return Tagger(load(), lexicons.load_finder)
