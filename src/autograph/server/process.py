"""One process: bind, open, serve, say where, and stop within two seconds."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Collection
from pathlib import Path

import uvicorn
from rich.console import Console

from autograph import __version__
from autograph.observability.logs import configure
from autograph.server.settings import BadSettings, Settings
from autograph.server.wiring import House, opened

GRACE_SECONDS = 1.5
"""How long requests in flight may take to finish once we are told to stop."""


def run(settings: Settings, services: Collection[str], *, console: Console) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        BadSettings: The port is taken or the data folder cannot be written.
    """
    prepare_data_folder(settings.data)
    listener = bind(settings.host, settings.port)
    configure(
        settings.log_level,
        as_json=settings.in_production,
        service=_name(services),
        named_levels=settings.observability.log_levels,
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings, services, listener, console))


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


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket.

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
        raise BadSettings(
            f"Cannot listen on {host}:{port} ({error.strerror}). Stop what uses it, or choose another port:"
            f" make run PORT={port + 1 if port < 65535 else 8080}, or AUTOGRAPH_PORT."
        ) from None
    listener.setblocking(False)
    return listener


async def _serve(
    settings: Settings, services: Collection[str], listener: socket.socket, console: Console
) -> None:
    async with opened(settings, services) as (house, app):
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                lifespan="off",
                access_log=False,
                log_config=None,
                proxy_headers=False,
                server_header=False,
                date_header=True,
                h11_max_incomplete_event_size=64 * 1024,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=GRACE_SECONDS,  # type: ignore[arg-type]  # fractions work
                ws_max_size=16 * 1024 * 1024,
            )
        )
        _stop_on_signals(server, house)
        announcing = asyncio.create_task(_announce(settings, house, server, console))
        with contextlib.suppress(asyncio.CancelledError):
            await server.serve(sockets=[listener])
        announcing.cancel()


def _stop_on_signals(server: uvicorn.Server, house: House) -> None:
    """The first signal drains, a second one ends at once."""

    def stop() -> None:
        if house.health is not None:
            house.health.ready = False
        server.force_exit = server.should_exit
        server.should_exit = True

    loop = asyncio.get_running_loop()
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # ours follow
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


async def _announce(settings: Settings, house: House, server: uvicorn.Server, console: Console) -> None:
    """Say where we are once we answer, and on the first run how to become administrator."""
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by this flag only
        await asyncio.sleep(0.01)
    address = settings.reached_at
    console.print(
        f"\n  [bold]AutoGraph[/bold] {__version__}  [link={address}]{address}[/link]", highlight=False
    )
    console.print(f"  Data in {settings.data.resolve()}. Ctrl-C stops.", style="dim", highlight=False)
    if house.accounts is not None and (code := await house.accounts.new_first_run_code()):
        minutes = settings.auth.first_run_code_minutes
        console.print(f"\n  Create the administrator here (once, within {minutes} minutes):", highlight=False)
        console.print(f"  {address}/first-run?code={code}", style="bold", highlight=False, soft_wrap=True)
    console.print("", highlight=False)


def _name(services: Collection[str]) -> str:
    return "autograph" if len(services) > 1 else next(iter(services))
