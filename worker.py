"""The entry point of Celery in a checkout: `celery -A worker worker` and `celery -A worker beat`."""

from digest.celery_app import celery

__all__ = ["celery"]
