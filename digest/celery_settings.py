"""How Celery works for Dateline: no result backend, JSON only, and a page never waits for a broker that is down."""

from typing import Any

CELERY_SETTINGS: dict[str, Any] = {
    "task_ignore_result": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "worker_prefetch_multiplier": 1,
    "worker_disable_prefetch": True,  # a message waits in the queue until a process is free, on any machine
    "worker_hijack_root_logger": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "retry_on_timeout": False,
        "queue_order_strategy": "priority",
        # A page that enqueues a task must not wait for a broker that is down: kombu would retry for 6 s.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    },
    "broker_connection_timeout": 3,
    "broker_connection_max_retries": None,  # worker and beat never stop trying to connect
    "beat_scheduler": "digest.beat:MonotonicScheduler",
    "timezone": "UTC",
    "enable_utc": True,
}
