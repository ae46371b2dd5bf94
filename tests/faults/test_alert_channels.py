"""Notices reach a mail server, Slack, a webhook and an Alertmanager on loopback, and survive one that is down."""

import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from tests.clock import HandClock
from tests.servers.mail import MailServer
from tests.system.server.test_tls import write_certificate

from autograph.storage.migrations import upgrade
from autograph.storage.sql import open_database
from autograph.watch.alerts import Alerts, AlertsSettings, store
from autograph.watch.alerts.channels import Undeliverable, channels_of
from autograph.watch.alerts.notify import Content, Told
from autograph.watch.gather import Gatherer

pytestmark = pytest.mark.feature("observability.alerts")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def content(reason="firing", **changes):
    """What is told of one alert."""
    told = Told(
        id="0190", rule="service_down", summary="A service does not answer", labels={"service": "auth"},
        severity="critical", state="resolved" if reason == "resolved" else "firing",
        message="auth has not answered for 5 min. Look at its log, and start it again.", value=300.0,
        starts_at=NOON, resolved_at=NOON + timedelta(minutes=9) if reason == "resolved" else None, escalations=0,
    )  # fmt: skip
    return Content(group="service_down", reason=reason, at=NOON, alerts=[told.model_copy(update=changes)])


class HttpServer:
    """Keeps every request and answers as it is told."""

    def __init__(self, status=200):
        self.requests, self.status = [], status

    async def __aenter__(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    async def _serve(self, request):
        document = await request.json()
        self.requests.append((request.path, dict(request.headers), document))
        return web.Response(status=self.status, text="ok", headers={"location": "/elsewhere"})


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


async def test_a_mail_arrives():
    """Everybody on the list gets one mail that says what, where, what to do, and where to look."""
    async with MailServer() as server:
        settings = AlertsSettings(
            smtp_url=f"smtp://127.0.0.1:{server.port}",
            mail_from="autograph@example.org",
            mail_to=("eva@example.org", "tom@example.org"),
            public_url="https://graph.example.org",
        )
        await channels_of(settings)["email"].send("0190-id", content())

    [mail] = server.mails
    assert server.recipients == ["<eva@example.org>", "<tom@example.org>"]
    assert mail["subject"] == "[AutoGraph] Critical: A service does not answer: auth"
    assert mail["message-id"] == "<0190-id@autograph.alerts>"
    assert "Look at its log, and start it again." in mail.get_content()
    assert "https://graph.example.org/operations" in mail.get_content()


async def test_slack_gets_its_own_form(monkeypatch):
    """The incoming webhook of Slack is posted to, with title and text."""
    async with HttpServer() as server:
        from apprise.plugins.slack import NotifySlack

        monkeypatch.setattr(NotifySlack, "webhook_url", f"{server.url}/services")
        address = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7xx"
        await channels_of(AlertsSettings(slack_url=address))["slack"].send("0190", content())

    [(path, _, document)] = server.requests
    assert path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7xx"
    assert "auth has not answered" in str(document)
    assert "[AutoGraph] Critical" in str(document)


async def test_any_service_that_apprise_knows_is_told():
    """An address of Apprise's own kind is understood too."""
    async with HttpServer() as server:
        address = server.url.replace("http://", "json://") + "/hook"
        await channels_of(AlertsSettings(webhook_url=address))["webhook"].send("0190", content())

    [(path, _, document)] = server.requests
    assert path.rstrip("/") == "/hook"
    assert document["title"].startswith("[AutoGraph] Critical")
    assert document["type"] == "failure"


@pytest.mark.parametrize("reason", ["firing", "resolved"])
async def test_a_webhook_gets_what_alertmanagers_readers_know(reason):
    """The body is Alertmanager's version 4; the same notice has the same key at every try."""
    async with HttpServer() as server:
        channel = channels_of(AlertsSettings(webhook_url=f"{server.url}/hook"))["webhook"]
        await channel.send("0190", content(reason))

    [(path, headers, document)] = server.requests
    assert path == "/hook"
    assert headers["idempotency-key"] == "0190"
    assert (document["version"], document["status"]) == ("4", reason)
    [alert] = document["alerts"]
    assert alert["status"] == reason
    assert alert["labels"] == {
        "alertname": "service_down",
        "severity": "critical",
        "service": "auth",
        "source": "autograph",
    }
    assert document["commonLabels"] == alert["labels"]
    assert datetime.fromisoformat(alert["startsAt"]) == NOON
    assert alert["endsAt"].startswith("2026-03-01T12:09" if reason == "resolved" else "0001")


async def test_an_alertmanager_gets_alerts_with_an_end():
    """What fires ends well after the next notice, what has ended when it did."""
    async with HttpServer() as server:
        channel = channels_of(AlertsSettings(alertmanager_url=f"{server.url}/"))["alertmanager"]
        await channel.send("0190", content())
        await channel.send("0191", content("resolved"))

    (path, _, [firing]), (_, _, [resolved]) = server.requests
    assert path == "/api/v2/alerts"
    assert datetime.fromisoformat(firing["endsAt"]) > NOON + timedelta(hours=4)
    assert datetime.fromisoformat(resolved["endsAt"]) == NOON + timedelta(minutes=9)


@pytest.mark.parametrize("status", [302, 401, 500])
async def test_what_is_not_taken_is_not_delivered(status):
    """A refusal is a reason that names no address; a redirect is not followed."""
    async with HttpServer(status) as server:
        channel = channels_of(AlertsSettings(webhook_url=f"{server.url}/secret"))["webhook"]
        with pytest.raises(Undeliverable) as told:
            await channel.send("0190", content())

    assert len(server.requests) == 1
    assert str(told.value) == f"It answered {status}."


@pytest.mark.parametrize(
    "changes",
    [
        {"smtp_url": "smtp://eva:hidden@127.0.0.1:{port}", "mail_to": ("eva@example.org",)},
        {"webhook_url": "http://127.0.0.1:{port}/hidden"},
        {"webhook_url": "json://127.0.0.1:{port}/hidden"},
        {"alertmanager_url": "http://hidden@127.0.0.1:{port}"},
    ],
    ids=["email", "webhook", "apprise", "alertmanager"],
)
async def test_nobody_there_is_a_reason_without_secrets(changes, caplog):
    """A server that is down is told of without its address, in the notice and in the log."""
    port = free_port()
    settings = AlertsSettings(
        **{
            name: value.format(port=port) if isinstance(value, str) else value
            for name, value in changes.items()
        }
    )
    [channel] = channels_of(settings).values()
    with pytest.raises(Undeliverable) as told:
        await channel.send("0190", content())

    assert "hidden" not in str(told.value) + caplog.text + repr(settings)


@pytest.fixture
def certificate(tmp_path):
    """What a server answers STARTTLS with: a certificate that nobody else has signed."""
    write_certificate(tmp_path, "sink")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


def mailing(server):
    """Settings for mail by a server that wants a password with a sign that must be encoded."""
    url = f"smtp://eva:hid%2Fden@{server.host}:{server.port}"
    return channels_of(AlertsSettings(smtp_url=url, mail_to=("eva@example.org",)))["email"]


async def test_a_mail_goes_out_over_starttls_with_a_password(certificate):
    """On this machine its own certificate is good enough; the password is sent after the encryption only."""
    async with MailServer(tls=certificate, account=("eva", "hid/den")) as server:
        await mailing(server).send("0190-id", content())
    assert len(server.mails) == 1
    ((_, is_encrypted),) = [found for found in server.heard if found[0].startswith("AUTH")]
    assert is_encrypted


@pytest.mark.parametrize("offers_tls", [True, False], ids=["a forged certificate", "no encryption"])
async def test_a_password_goes_to_no_server_that_cannot_prove_itself(certificate, offers_tls):
    """Elsewhere a certificate that nobody vouches for, or none, ends the try: neither password nor mail is sent."""
    tls = certificate if offers_tls else None
    async with MailServer(tls=tls, account=("eva", "hid/den"), host="127.0.0.2") as server:
        with pytest.raises(Undeliverable) as refused:
            await mailing(server).send("0190-id", content())
    assert "127.0.0.2" not in str(refused.value)
    assert server.mails == []
    assert not [line for line, _ in server.heard if line.startswith(("AUTH", "MAIL"))]


async def test_a_mail_server_that_was_down_gets_the_mail(tmp_path):
    """While the server is down every try is kept; when it is back the mail arrives, once."""
    clock, server = HandClock(), MailServer()
    server.port = free_port()
    database = open_database(f"sqlite:///{tmp_path}/watch.db")
    await upgrade(database, "watch")
    settings = AlertsSettings(smtp_url=f"smtp://127.0.0.1:{server.port}", mail_to=("eva@example.org",))
    alerts = Alerts(database, Gatherer(lambda: clock.now().timestamp()), clock, settings)
    now = clock.now()
    notice = store.Notice(
        "0190", "service_down", "email", content().model_dump(mode="json"), "waiting", 0, now, now, None, ""
    )
    async with database.begin() as connection:
        await store.add_notices(connection, [notice])
    for _ in range(3):
        assert await alerts.courier.round() == 0
        clock.wind(minutes=2)
    [waiting] = (await alerts.notices("waiting")).items
    assert (waiting.tries, waiting.error) == (3, "The mail server did not take it: SMTPConnectError.")

    async with server:
        assert await alerts.courier.round() == 1
        clock.wind(hours=1)
        assert await alerts.courier.round() == 0
    [sent] = (await alerts.notices("sent")).items
    assert (sent.tries, sent.error, len(server.mails)) == (4, "", 1)
    await database.close()
