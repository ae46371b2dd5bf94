"""The same errors to a Sentry server, for those who have one. Needs the extra: ``pip install autograph[sentry]``."""

from typing import Any

from autograph.model.telemetry import ErrorEvent, Frame
from autograph.observability.otlp import ExtraMissing


class Sentry:
    """A sink of :class:`Errors`: hands events to Sentry's own client, which sends them in the background.

    Args:
        dsn: Address and key of the project.
        version: Of the program.
        environment: Where we are.

    Raises:
        ExtraMissing: The client is not installed.
    """

    def __init__(self, dsn: str, *, version: str, environment: str) -> None:
        try:
            import sentry_sdk  # noqa: PLC0415 - an extra
        except ImportError:
            raise ExtraMissing(
                "A Sentry DSN is set, but its client is not installed: pip install 'autograph[sentry]'"
            ) from None
        self._client = sentry_sdk.Client(
            dsn=dsn,
            release=f"autograph@{version}",
            environment=environment,
            default_integrations=False,
            send_default_pii=False,
            send_client_reports=False,
        )

    def __call__(self, event: ErrorEvent) -> None:
        """Send one event; what does not get through is Sentry's loss, not ours."""
        self._client.capture_event(as_sentry(event))  # type: ignore[arg-type]  # a plain dictionary of its protocol

    def close(self) -> None:
        """Send what is left, briefly."""
        self._client.close(timeout=1.0)


def as_sentry(event: ErrorEvent) -> dict[str, Any]:
    """Return the event in Sentry's event protocol (version 7), grouped by our fingerprint."""
    return {
        "level": "error",
        "timestamp": event.at.isoformat(),
        "logger": event.service,
        "server_name": event.service,
        "transaction": f"{event.method} {event.route}".strip() or None,
        "fingerprint": [event.fingerprint],
        "user": {"id": event.user_id} if event.user_id else {},
        "tags": {"service": event.service, "correlation_id": event.correlation_id, "count": str(event.count)},
        "exception": {
            "values": [
                {
                    "type": event.kind,
                    "value": event.message,
                    "stacktrace": {"frames": [_frame(frame) for frame in event.frames]},
                }
            ]
        },
        "breadcrumbs": {"values": [{"message": crumb} for crumb in event.breadcrumbs]},
    }


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "module": frame.module,
        "function": frame.function,
        "lineno": frame.line,
        "context_line": frame.code,
        "in_app": frame.in_app,
    }
