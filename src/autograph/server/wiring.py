"""Which services exist, how each becomes an upstream, and what they need opened and closed."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import structlog

from autograph import __version__
from autograph.analysis.app import create_app as create_analysis
from autograph.auth.app import close as close_auth
from autograph.auth.app import create_app as create_auth
from autograph.auth.keys import SigningKeys
from autograph.auth.parts import Parts
from autograph.auth.service import Accounts
from autograph.auth.vault import FILE_NAME as VAULT_FILE
from autograph.auth.vault import Vault
from autograph.clients.audit import AuditClient
from autograph.clients.auth import AuthClient, Identified, cookie_name
from autograph.clients.diagrams import DiagramsClient
from autograph.clients.export import ExportClient
from autograph.clients.flags import Flags
from autograph.clients.identity import IdentityVerifier
from autograph.clients.internal import Signatures
from autograph.clients.transport import HttpTransport, LaterTransport, LocalTransport, Transport
from autograph.clients.watch import Reporter, WatchClient
from autograph.core.asgi import ASGIApp
from autograph.core.calls import current_service
from autograph.core.clock import Clock, SystemClock
from autograph.core.problem import Unavailable
from autograph.diagrams.app import create_app as create_diagrams
from autograph.export.app import create_app as create_export
from autograph.flags.app import create_app as create_flags
from autograph.gateway.app import create_gateway, create_metrics_port, create_service
from autograph.gateway.forward import forward
from autograph.gateway.health import Health, Probe
from autograph.gateway.layers.identity import Credential
from autograph.gateway.metrics import ByPort, Metrics
from autograph.gateway.store import KeyStore
from autograph.gateway.upstreams.breaker import Breakers
from autograph.gateway.upstreams.guard import GuardedTransport
from autograph.observability.errors import Sink
from autograph.observability.otlp import ExtraMissing, export
from autograph.observability.requests import CallsOut, Observe
from autograph.observability.sentry import Sentry
from autograph.observability.telemetry import Telemetry
from autograph.server.in_force import settings_in_force
from autograph.server.migrate import migrate
from autograph.server.services import FILE_NAME as SECRETS_FILE
from autograph.server.services import kept_secrets
from autograph.server.settings import SERVICES, BadSettings, Settings
from autograph.storage.cache import open_cache
from autograph.storage.counters import open_counters
from autograph.storage.objects import Objects, open_objects
from autograph.storage.sql import Database, open_database
from autograph.storage.statements import plan, watch
from autograph.watch.app import create_app as create_watch

_log = structlog.get_logger(__name__)

GATEWAY = "gateway"
KEYS_FILE = "signing-keys.json"


@dataclass
class House:
    """What is open in this process.

    `apps` are the services as they were built, `doors` the same ones with what measures them around.
    """

    settings: Settings
    clock: Clock
    owned: AsyncExitStack
    session: aiohttp.ClientSession
    telemetry: Telemetry
    signatures: Signatures | None = None
    apps: dict[str, ASGIApp] = field(default_factory=dict)
    doors: dict[str, ASGIApp] = field(default_factory=dict)
    accounts: Accounts | None = None
    database: Database | None = None
    objects: Objects | None = None
    health: Health | None = None

    def transport(self, service: str) -> Transport:
        """How this process reaches `service`.

        Raises:
            BadSettings: It runs neither here nor at a known address.
        """
        if door := self.doors.get(service):
            return LocalTransport(door)
        if url := self.settings.upstreams.get(service):
            return HttpTransport(url, self.session, service=service, signatures=self.signatures)
        raise BadSettings(
            f"The service {service} runs neither here nor elsewhere. Name its address in AUTOGRAPH_UPSTREAMS,"
            f' such as {{"{service}": "http://{service}:8080"}}.'
        )

    def transport_later(self, service: str) -> Transport:
        """How this process reaches `service`, which is built after whoever asks; a problem when it is nowhere."""

        def find() -> Transport:
            try:
                return self.transport(service)
            except BadSettings as reason:
                raise Unavailable(str(reason)) from None

        return LaterTransport(find)

    def verifier(self) -> IdentityVerifier:
        """What checks identities in this process: by auth's public keys, asked for when first needed."""

        async def keys() -> dict[str, object]:
            return await AuthClient(self.transport("auth")).jwks()

        return IdentityVerifier(keys, clock=self.clock)


@asynccontextmanager
async def opened(settings: Settings, services: Collection[str]) -> AsyncIterator[tuple[House, ASGIApp]]:
    """Open what `services` need and yield the house and the app to serve.

    Args:
        settings: The installation's settings.
        services: Names out of `SERVICES` and ``gateway``. Whatever is opened is closed at the end, the
            last first.
    """
    clock = SystemClock()
    signatures = await asyncio.to_thread(_signatures, settings, services, clock)
    async with AsyncExitStack() as owned:
        connector = aiohttp.TCPConnector(limit=0, limit_per_host=256, keepalive_timeout=30)
        session = await owned.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, connect=5, sock_connect=5),
            )
        )
        telemetry = Telemetry(
            sorted(services),
            version=__version__,
            clock=clock,
            folder=settings.data,
            settings=settings.observability,
            sinks=_sinks(settings, owned),
            in_force=settings_in_force(settings),
        )
        telemetry.start()
        owned.push_async_callback(telemetry.close)
        house = House(settings, clock, owned, session, telemetry, signatures)
        _collect(house, services)
        if signatures is not None:
            telemetry.counters.append(signatures.counters)
        for name in SERVICES:
            if name in services:
                token = current_service.set(name)  # for what it does in the background, too
                app = house.apps[name] = await _OPENERS[name](house)
                current_service.reset(token)
                house.doors[name] = Observe(app, service=name, requests=telemetry.requests)
        await _report(house)
        yield house, _by_port(house, await _served(house, services))


def _signatures(settings: Settings, services: Collection[str], clock: Clock) -> Signatures | None:
    """What services apart know each other by; None where all is one process.

    Raises:
        BadSettings: There is no secret, and others rely on this; or its file cannot be used.
    """
    if GATEWAY in services and not settings.upstreams:
        return None
    secrets = settings.services.secrets
    if not secrets and settings.in_production:
        raise BadSettings(
            "AUTOGRAPH_SERVICES__SECRETS is not set; services apart know each other by it. Make one with"
            " `openssl rand -hex 32` and set the same one for every process."
        )
    try:
        secrets = secrets or kept_secrets(settings.data / SECRETS_FILE)
    except ValueError as reason:
        raise BadSettings(f"{reason}.") from None
    return Signatures([secret.get_secret_value() for secret in secrets], clock)


def _by_port(house: House, app: ASGIApp) -> ASGIApp:
    """What this process serves, with the metrics on a port of their own when one is set."""
    settings = house.settings.metrics
    if settings.port is None:
        return app
    assert house.health is not None
    metrics = Metrics(house.telemetry.metrics.text, settings, is_open=True, is_apart=True)
    trusted = house.settings.trusted_proxies
    apart = create_metrics_port(metrics, health=house.health, trusted=trusted)
    return ByPort(app, port=settings.port, apart=apart)


def _collect(house: House, services: Collection[str]) -> None:
    """Send traces, metrics and logs to a collector, where one is set.

    Raises:
        BadSettings: What is set needs a package that is not there.
    """
    if collected := house.settings.collected:
        name = next(iter(services)) if len(services) == 1 else "autograph"
        try:
            stop = export(name, __version__, collected, house.telemetry.metrics.collect)
        except ExtraMissing as missing:
            raise BadSettings(str(missing)) from None
        house.owned.push_async_callback(asyncio.to_thread, stop)


def _sinks(settings: Settings, owned: AsyncExitStack) -> list[Sink]:
    """Who else gets errors: as an operator has set it.

    Raises:
        BadSettings: What is set needs a package that is not there.
    """
    sinks: list[Sink] = []
    try:
        if dsn := settings.observability.sentry_dsn.get_secret_value():
            sentry = Sentry(dsn, version=__version__, environment=settings.env)
            owned.callback(sentry.close)
            sinks.append(sentry)
    except ExtraMissing as missing:
        raise BadSettings(str(missing)) from None
    return sinks


async def _served(house: House, services: Collection[str]) -> ASGIApp:
    """The app of this process: the gateway around everything, or one service with its own health."""
    trusted = house.settings.trusted_proxies
    if GATEWAY not in services:
        name = next(iter(house.apps))
        if len(house.apps) > 1:
            raise BadSettings(
                "Without the gateway one process serves one service: start one process for each."
            )
        house.health = Health(service=name, version=__version__, clock=house.clock, probes={})
        metrics = Metrics(
            house.telemetry.metrics.text, house.settings.metrics, is_open=not house.settings.in_production
        )
        return create_service(
            house.doors[name],
            health=house.health,
            trusted=trusted,
            metrics=metrics,
            signatures=house.signatures,
        )
    upstreams = {
        name: house.doors.get(name)
        or CallsOut(forward(house.settings.upstreams[name], house.session), service=name)
        for name in SERVICES
        if name in house.apps or name in house.settings.upstreams
    }
    settings = house.settings.gateway
    breakers = Breakers(settings.breaker, house.clock)
    to_auth = house.transport("auth")
    if "breaker" not in settings.off:
        to_auth = GuardedTransport(to_auth, breakers.named("auth:identity"))
    auth = AuthClient(to_auth)
    counters = open_counters(house.settings.redis_url or "memory://")
    house.owned.push_async_callback(counters.close)
    database = await _opened_database(house)
    await migrate(database, GATEWAY)
    keys = KeyStore(
        database,
        house.clock,
        lease_seconds=settings.idempotency.lease_seconds,
        kept_hours=settings.idempotency.kept_hours,
    )

    async def identify(credential: Credential) -> Identified:
        return await auth.identify(
            cookie=credential.cookie, bearer=credential.bearer, address=credential.address
        )

    probes = {name: _probe(house, name) for name in upstreams}
    house.health = Health(
        service=GATEWAY, version=__version__, clock=house.clock, probes=probes, breakers=breakers.report
    )
    return create_gateway(
        upstreams,
        identify=identify,
        health=house.health,
        public_url=house.settings.reached_at,
        cookie_name=cookie_name(house.settings.reached_at),
        trusted=trusted,
        settings=settings,
        breakers=breakers,
        requests=house.telemetry.requests,
        counters=counters,
        keys=keys,
        open_on_loopback=not house.settings.in_production,
        metrics=Metrics(
            house.telemetry.metrics.text, house.settings.metrics, is_open=not house.settings.in_production
        ),
    )


def _probe(house: House, name: str) -> Probe:
    """A service of this process lives when we do; one elsewhere is asked."""

    async def here() -> str:
        return "in this process"

    async def there() -> str:
        await house.transport(name).request("GET", "/livez", headers={})
        return house.settings.upstreams[name]

    return here if name in house.apps else there


async def _opened_database(house: House) -> Database:
    """The one database of this process, opened when first needed."""
    if house.database is None:
        database = house.database = open_database(house.settings.database)
        watch(database, house.telemetry.queries.add)
        house.telemetry.gauges.append(database.gauges)
        house.telemetry.counters.append(database.counters)
        house.telemetry.queries.explain_with(lambda statement: plan(database, statement))
        house.owned.push_async_callback(house.database.close)
    return house.database


def _opened_objects(house: House) -> Objects:
    if house.objects is None:
        credentials = house.settings.objects
        house.objects = open_objects(
            house.settings.object_store, access_key=credentials.access_key, secret_key=credentials.secret_key
        )
    return house.objects


async def _open_auth(house: House) -> ASGIApp:
    database = await _opened_database(house)
    await migrate(database, "auth")
    parts = Parts.made(
        database=database,
        clock=house.clock,
        settings=house.settings.auth,
        keys=await asyncio.to_thread(SigningKeys.load, house.settings.data / KEYS_FILE),
        vault=await asyncio.to_thread(Vault.load, house.settings.data / VAULT_FILE),
        public_url=house.settings.reached_at,
        documents=house.transport_later("diagrams"),
        flags=house.transport_later("flags"),
        checkpoints=house.settings.audit_checkpoints,
    )
    app = create_auth(parts)
    house.accounts = app.state.accounts
    parts.mail.start()
    app.state.leaving.start()
    _keep_audit(parts)
    _watch_keys(house, parts.keys)
    house.owned.push_async_callback(close_auth, app)
    return app


def _watch_keys(house: House, keys: SigningKeys) -> None:
    """Take up new signing keys while we run."""
    watching = asyncio.create_task(keys.watch())

    async def stop() -> None:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    house.owned.push_async_callback(stop)


def _keep_audit(parts: Parts) -> None:
    assert parts.keeper is not None
    try:
        parts.keeper.start()
    except OSError as error:
        raise BadSettings(
            f"Checkpoints of the audit log cannot be written to {error.filename} ({error.strerror})."
            " Name another file in AUTOGRAPH_AUTH__AUDIT__CHECKPOINTS."
        ) from None


async def _open_diagrams(house: House) -> ASGIApp:
    database = await _opened_database(house)
    await migrate(database, "diagrams")
    return create_diagrams(
        database=database,
        objects=_opened_objects(house),
        clock=house.clock,
        verifier=house.verifier(),
        settings=house.settings.diagrams,
    )


async def _open_export(house: House) -> ASGIApp:
    cache = open_cache(house.settings.redis_url or "memory://")
    house.owned.push_async_callback(cache.close)
    app = create_export(
        settings=house.settings.export,
        verifier=house.verifier(),
        documents=DiagramsClient(house.transport("diagrams")),
        cache=cache,
    )
    house.owned.push_async_callback(app.state.drawings.close)
    return app


async def _open_flags(house: House) -> ASGIApp:
    database = await _opened_database(house)
    await migrate(database, "flags")
    return create_flags(
        database=database,
        clock=house.clock,
        verifier=house.verifier(),
        audit=AuditClient(house.transport("auth")),
        environment=house.settings.env,
    )


async def _open_analysis(house: House) -> ASGIApp:
    app = create_analysis(
        folder=house.settings.data / "analysis",
        settings=house.settings.analysis,
        clock=house.clock,
        verifier=house.verifier(),
        diagrams=DiagramsClient(house.transport("diagrams")),
        export=ExportClient(house.transport("export")),
        flags=Flags(house.transport("flags"), environment=house.settings.env, clock=house.clock),
    )
    await app.state.drawings.open()
    house.telemetry.gauges.append(app.state.drawings.gauges)
    house.owned.push_async_callback(app.state.drawings.close)
    return app


async def _open_watch(house: House) -> ASGIApp:
    database = await _opened_database(house)
    await migrate(database, "watch")
    app = create_watch(
        database=database,
        clock=house.clock,
        verifier=house.verifier(),
        settings=house.settings.watched,
        audit=AuditClient(house.transport("auth")),
        diagrams=DiagramsClient(house.transport("diagrams")),
        resources=house.telemetry.resources,
        objects=_opened_objects(house),
        version=__version__,
        open_on_loopback=not house.settings.in_production,
    )
    house.telemetry.gauges.append(app.state.bucket.gauges)
    for part in (app.state.watch, app.state.alerts, app.state.bucket):
        await part.start()
        house.owned.push_async_callback(part.close)
    return app


async def _report(house: House) -> None:
    """Tell the watch what this process sees of itself, wherever the watch runs; without one nobody is told."""
    if "watch" not in house.doors and "watch" not in house.settings.upstreams:
        _log.warning("watch.not_named", advice="name it in AUTOGRAPH_UPSTREAMS, or nobody sees this process")
        return
    reporter = Reporter(
        WatchClient(house.transport("watch")),
        read=house.telemetry.observations,
        obey=lambda told: house.telemetry.obey(told.log_level, told.log_levels),
        every_seconds=house.settings.observability.report_seconds,
    )
    reporter.start()
    house.owned.push_async_callback(reporter.close)


_OPENERS = {
    "auth": _open_auth,
    "diagrams": _open_diagrams,
    "export": _open_export,
    "flags": _open_flags,
    "analysis": _open_analysis,
    "watch": _open_watch,
}
