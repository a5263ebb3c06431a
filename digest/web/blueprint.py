"""The blueprint that the readers' pages hang on."""

from flask import Blueprint

bp = Blueprint("web", __name__)
