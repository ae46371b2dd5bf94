"""Ways out for notices: mail, Slack, a webhook, an Alertmanager. Addresses are secrets and never logged."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Protocol

import aiohttp
from pydantic import SecretStr

from autograph.clients.smtp import MailServer, NotTaken
from autograph.watch.alerts import words
from autograph.watch.alerts.apprised import service_of
from autograph.watch.alerts.notify import Content
from autograph.watch.alerts.settings import AlertsSettings


class Undeliverable(Exception):  # noqa: N818 - what it means for the notice
    """A try failed; the text says why, without the address."""


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """As it stands in notices."""
        ...

    @property
    def takes_beats(self) -> bool:
        """Whether signs of life go there: to machines, not to people."""
        ...

    async def send(self, notice_id: str, content: Content) -> None:
        """Deliver, or raise Undeliverable. The ID is the same for every try."""
        ...


def channels_of(settings: AlertsSettings) -> dict[str, Channel]:
    """Return the channels that are set up, by name."""
    found: list[Channel] = []
    if settings.smtp_url.get_secret_value() and settings.mail_to:
        found.append(Mail(settings))
    if settings.slack_url.get_secret_value():
        found.append(Apprised("slack", settings.slack_url, settings))
    webhook = settings.webhook_url.get_secret_value()
    if webhook.startswith(("http://", "https://")):
        found.append(Webhook(settings))
    elif webhook:
        found.append(Apprised("webhook", settings.webhook_url, settings))
    if settings.alertmanager_url.get_secret_value():
        found.append(Alertmanager(settings))
    return {channel.name: channel for channel in found}


@dataclass(frozen=True, slots=True)
class Mail:
    """Mail over SMTP; with a password only over TLS, unless the server is this machine."""

    settings: AlertsSettings
    name: str = "email"
    takes_beats: bool = False

    async def send(self, notice_id: str, content: Content) -> None:
        """Send one mail to all; what belongs together is one thread."""
        try:
            await self._server().send(self._message(notice_id, content))
        except NotTaken as reason:
            raise Undeliverable(str(reason)) from reason

    def _server(self) -> MailServer:
        url = self.settings.smtp_url.get_secret_value()
        return MailServer(url, timeout_seconds=self.settings.send_timeout_seconds)

    def _message(self, notice_id: str, content: Content) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.settings.mail_from
        message["To"] = ", ".join(self.settings.mail_to)
        message["Subject"] = words.title(content)
        message["Date"] = format_datetime(content.at)
        message["Message-ID"] = f"<{notice_id}@autograph.alerts>"
        thread = hashlib.sha256(content.alerts[0].id.encode()).hexdigest()[:24]
        message["References"] = f"<{thread}@autograph.alerts>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(words.body(content, self.settings.public_url))
        return message


@dataclass(frozen=True, slots=True)
class Apprised:
    """Whatever Apprise knows: Slack's incoming webhooks, and some hundred services more."""

    name: str
    address: SecretStr
    settings: AlertsSettings
    takes_beats: bool = False

    async def send(self, notice_id: str, content: Content) -> None:  # noqa: ARG002 - Apprise has no place for it
        """Send in a thread, as Apprise waits for its network."""
        is_critical = any(alert.severity == "critical" for alert in content.alerts)
        kind = "success" if content.is_resolved else "failure" if is_critical else "warning"
        sending = asyncio.to_thread(
            service_of(self.address.get_secret_value()).notify,
            title=words.title(content),
            body=words.body(content, self.settings.public_url),
            notify_type=kind,
        )
        try:
            delivered = await asyncio.wait_for(sending, self.settings.send_timeout_seconds)
        except TimeoutError as error:
            raise Undeliverable("The service did not answer in time.") from error
        if not delivered:
            raise Undeliverable("The service did not take it.")


@dataclass(frozen=True, slots=True)
class Webhook:
    """The webhook body of Alertmanager, version 4, which many tools read."""

    settings: AlertsSettings
    name: str = "webhook"
    takes_beats: bool = True

    async def send(self, notice_id: str, content: Content) -> None:
        """Post it."""
        alerts = [words.alertmanager_alert(alert, self.settings.public_url) for alert in content.alerts]
        status = "resolved" if content.is_resolved else "firing"
        document = {
            "version": "4",
            "groupKey": f'{{}}:{{alertname="{content.group}"}}',
            "truncatedAlerts": 0,
            "status": status,
            "receiver": "autograph",
            "groupLabels": {"alertname": content.group},
            "commonLabels": _common([alert["labels"] for alert in alerts]),
            "commonAnnotations": _common([alert["annotations"] for alert in alerts]),
            "externalURL": self.settings.public_url,
            "alerts": [
                {**alert, "status": told.state, "fingerprint": _fingerprint(alert["labels"])}
                for alert, told in zip(alerts, content.alerts, strict=True)
            ],
        }
        await _post(self.settings.webhook_url, "", document, notice_id, self.settings.send_timeout_seconds)


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """An Alertmanager's API, version 2: it groups, silences and tells by itself."""

    settings: AlertsSettings
    name: str = "alertmanager"
    takes_beats: bool = True

    async def send(self, notice_id: str, content: Content) -> None:
        """Post what fires with an end well after the next notice, and what has ended with its end."""
        pause = self.settings.heartbeat_seconds if content.reason in {"heartbeat", "test"} else self._pause
        lasts = content.at + timedelta(seconds=3 * pause)
        document = [
            {
                **words.alertmanager_alert(alert, self.settings.public_url),
                "endsAt": (alert.resolved_at or lasts).isoformat(),
            }
            for alert in content.alerts
        ]
        path = "/api/v2/alerts"
        await _post(
            self.settings.alertmanager_url, path, document, notice_id, self.settings.send_timeout_seconds
        )

    @property
    def _pause(self) -> float:
        return max(self.settings.repeat_seconds, self.settings.escalation_seconds)


async def _post(address: SecretStr, path: str, document: Any, notice_id: str, timeout_seconds: float) -> None:
    """Post JSON without following a redirect: the address is the one that was set."""
    patience = aiohttp.ClientTimeout(total=timeout_seconds)
    url = address.get_secret_value().rstrip("/") + path if path else address.get_secret_value()
    try:
        async with (
            aiohttp.ClientSession(timeout=patience) as session,
            session.post(
                url, json=document, allow_redirects=False, headers={"idempotency-key": notice_id}
            ) as reply,
        ):
            if not 200 <= reply.status < 300:
                raise Undeliverable(f"It answered {reply.status}.")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise Undeliverable(f"It could not be reached: {type(error).__name__}.") from error


def _common(maps: list[Mapping[str, str]]) -> dict[str, str]:
    """Return what all of them say alike."""
    return {name: value for name, value in maps[0].items() if all(found.get(name) == value for found in maps)}


def _fingerprint(labels: Mapping[str, str]) -> str:
    named = "\0".join(f"{name}\0{labels[name]}" for name in sorted(labels))
    return hashlib.sha256(named.encode()).hexdigest()[:16]
