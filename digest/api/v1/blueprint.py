"""The blueprint of the API."""

from flask import Blueprint

BASE_PATH = "/api/v1"

bp = Blueprint("v1", __name__, url_prefix=BASE_PATH)
