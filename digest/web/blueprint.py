"""The blueprint of the public pages."""

from flask import Blueprint

bp = Blueprint("web", __name__)
