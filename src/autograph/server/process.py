"""One process: bind, open, serve, say where, and stop without losing anything."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Collection
from pathlib import Path

import structlog
import uvicorn
from rich.console import Console

from autograph import __version__
from autograph.core.asgi import ASGIApp
from autograph.observability.logs import configure
from autograph.server.http import Listening, SocketProtocol, http_protocol
from autograph.server.settings import BadSettings, Settings
from autograph.server.stop import EventStreams, Stop
from autograph.server.tls import Tls
from autograph.server.wiring import House, opened

_log = structlog.get_logger(__name__)


def run(settings: Settings, services: Collection[str], *, console: Console) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        BadSettings: The port is taken or the data folder cannot be written.
    """
    prepare_data_folder(settings.data)
    tls = _tls(settings)
    listeners = [bind(settings.host, settings.port)]
    if settings.metrics.port is not None:
        listeners.append(
            bind(settings.metrics.host, settings.metrics.port, setting="AUTOGRAPH_METRICS__PORT")
        )
    configure(
        settings.log_level,
        as_json=settings.in_production,
        service=_name(services),
        named_levels=settings.observability.log_levels,
    )
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings, services, listeners, tls, console))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop of uvloop where that exists, asyncio's own loop elsewhere."""
    try:
        import uvloop  # noqa: PLC0415 - not on every system
    except ImportError:
        return None
    return uvloop.new_event_loop


def _tls(settings: Settings) -> Tls | None:
    """The certificate, when one is set.

    Raises:
        BadSettings: It cannot be used.
    """
    if not settings.tls.is_on:
        return None
    try:
        return Tls(settings.tls)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadSettings(
            f"The certificate {settings.tls.certificate} and the key {settings.tls.key} cannot be used ({reason}). Name"
            " PEM files that belong together in AUTOGRAPH_TLS__CERTIFICATE and AUTOGRAPH_TLS__KEY."
        ) from None


def prepare_data_folder(folder: Path) -> None:
    """Make the data folder, for our eyes only, and prove that it can be written.

    Raises:
        BadSettings: It cannot.
    """
    probe = folder / f".write-test-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise BadSettings(
            f"The data folder {folder} cannot be written ({error.strerror}). Name another one in AUTOGRAPH_DATA."
        ) from None


def bind(host: str, port: int, *, setting: str = "AUTOGRAPH_PORT") -> socket.socket:
    """Return a listening socket; `setting` names the port where there is something to complain about.

    Raises:
        BadSettings: The port is taken, forbidden, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(
        family, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named: else Nagle delays answers
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        by_make = (
            f"make run PORT={port + 1 if port < 65535 else 8080}, or " if setting == "AUTOGRAPH_PORT" else ""
        )
        raise BadSettings(
            f"Cannot listen on {host}:{port} ({error.strerror}). Stop what uses it, or choose another port:"
            f" {by_make}{setting}."
        ) from None
    listener.setblocking(False)
    return listener


async def _serve(
    settings: Settings,
    services: Collection[str],
    listeners: list[socket.socket],
    tls: Tls | None,
    console: Console,
) -> None:
    async with opened(settings, services) as (house, app):
        streams = EventStreams(app)
        server = _server(settings, streams, tls)
        stop = Stop(
            server,
            streams,
            not_ready=lambda: _not_ready(house),
            delay_seconds=settings.balancer_seconds,
            drain_seconds=settings.drain_seconds,
            is_watched=not settings.in_production,
        )
        loop = asyncio.get_running_loop()
        stop.install(loop)
        loop.add_signal_handler(signal.SIGUSR1, house.telemetry.log_more, 1)
        loop.add_signal_handler(signal.SIGUSR2, house.telemetry.log_more, -1)
        beside = [asyncio.create_task(_announce(settings, house, server, console))]
        if tls is not None:
            house.telemetry.gauges.append(lambda: tls.gauges(house.clock.now()))
            loop.add_signal_handler(signal.SIGHUP, tls.reload)
            beside.append(asyncio.create_task(tls.watch()))
        with contextlib.suppress(asyncio.CancelledError):
            await server.serve(sockets=listeners)
        for task in beside:
            task.cancel()


def _server(settings: Settings, app: ASGIApp, tls: Tls | None) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http=http_protocol(settings.http),
        ws=SocketProtocol,
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=settings.http.keep_alive_seconds,
        ssl_context_factory=(lambda *_: tls.context) if tls is not None else None,
        ws_max_size=16 * 1024 * 1024,
    )
    return Listening(config, handshake_seconds=settings.http.head_seconds if tls is not None else None)


def _not_ready(house: House) -> None:
    if house.health is not None:
        house.health.ready = False


async def _announce(settings: Settings, house: House, server: uvicorn.Server, console: Console) -> None:
    """Say where we are once we answer, and on the first run how to become administrator.

    In production these are events like all others, and the link, which is a secret, is printed for those who ask.
    """
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by this flag only
        await asyncio.sleep(0.01)
    address, data = settings.reached_at, str(settings.data.resolve())
    if settings.in_production:
        _log.info("process.started", address=address, data=data, version=__version__)
        if house.accounts is not None and await house.accounts.first_run_needed():
            _log.warning(
                "first_run.waits", hint="`autograph admin first-run` prints the administrator's link."
            )
        return
    console.print(
        f"\n  [bold]AutoGraph[/bold] {__version__}  [link={address}]{address}[/link]", highlight=False
    )
    console.print(f"  Data in {data}. Ctrl-C stops.", style="dim", highlight=False)
    if house.accounts is not None and (code := await house.accounts.new_first_run_code()):
        minutes, link = settings.auth.first_run_code_minutes, first_run_address(settings, code)
        console.print(f"\n  Create the administrator here (once, within {minutes} minutes):", highlight=False)
        console.print(f"  {link}", style="bold", highlight=False, soft_wrap=True)
    console.print("", highlight=False)


def first_run_address(settings: Settings, code: str) -> str:
    """Return the link of a first-run code; that stands behind the #, where no server and no log sees it."""
    return f"{settings.reached_at}/first-run#{code}"


def _name(services: Collection[str]) -> str:
    return "autograph" if len(services) > 1 else next(iter(services))
