"""Alerts: rules judge what was gathered, the engine gives alerts a life, notices go out. Start at `service.py`."""

from autograph.watch.alerts.routes import router
from autograph.watch.alerts.service import Alerts
from autograph.watch.alerts.settings import AlertsSettings

__all__ = ["Alerts", "AlertsSettings", "router"]
