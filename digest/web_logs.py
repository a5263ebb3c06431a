"""gunicorn's own lines in the format of LOG_FORMAT: `--logger-class digest.web_logs.WebServerLogger`."""

from typing import Any

from gunicorn.glogging import Logger

from digest.errors import SettingsError
from digest.logs import create_formatter
from digest.settings import Settings


class WebServerLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's logger. Its master process builds no application, so it reads the format itself."""

    def setup(self, cfg: Any) -> None:
        """Set the handlers up, with our formatter. Wrong settings are reported by the application."""
        super().setup(cfg)
        try:
            formatter = create_formatter(Settings.from_env().log_format)
        except SettingsError:
            return
        for logger in (self.error_log, self.access_log):
            for handler in logger.handlers:
                handler.setFormatter(formatter)
