"""The program `autograph`."""

import asyncio
import gc
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from autograph import __version__
from autograph.core.problem import Problem
from autograph.server.settings import SERVICES, BadSettings, Settings, load

app = typer.Typer(
    help="Architecture diagrams that draw themselves from your repository, and stay true.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
admin = typer.Typer(help="Run the installation.", no_args_is_help=True)
app.add_typer(admin, name="admin")
audit = typer.Typer(help="Look after the audit log.", no_args_is_help=True)
app.add_typer(audit, name="audit")
keys = typer.Typer(help="Look after the keys that sign tokens.", no_args_is_help=True)
app.add_typer(keys, name="keys")

_err = Console(stderr=True, highlight=False)

PORTS = {
    "gateway": 8080,
    "auth": 8085,
    "diagrams": 8082,
    "analysis": 8086,
    "export": 8097,
    "flags": 8088,
    "watch": 8089,
}
"""Where each service listens when it runs apart and no port is set."""


class Format(StrEnum):
    """What a drawing can be written as."""

    SVG = "svg"
    JSON = "json"
    MERMAID = "mermaid"


class Theme(StrEnum):
    """Light or dark."""

    LIGHT = "light"
    DARK = "dark"


@app.command()
def up() -> None:
    """Start everything in one process."""
    from autograph.server.process import run

    settings = _settings()
    here = [name for name in SERVICES if name not in settings.upstreams]
    _guarded(lambda: run(settings, ["gateway", *here], console=Console()))


@app.command()
def serve(
    services: Annotated[list[str], typer.Argument(help=f"Out of: gateway, {', '.join(SERVICES)}.")],
) -> None:
    """Start the named services only; AUTOGRAPH_UPSTREAMS says where the others are."""
    from autograph.server.process import run

    unknown = [name for name in services if name not in PORTS]
    if unknown:
        _fail(f"There is no service {unknown[0]!r}. There are: {', '.join(PORTS)}.")
    settings = _settings()
    if "port" not in settings.model_fields_set:
        settings = settings.model_copy(update={"port": PORTS[services[0]]})
    _guarded(lambda: run(settings, services, console=Console()))


@app.command()
def draw(
    source: Annotated[str, typer.Argument(help="A folder, a zip or tar.gz archive, or a git URL.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="File to write; its ending chooses the format. Default: standard output."
        ),
    ] = None,
    format_: Annotated[
        Format | None, typer.Option("--format", help="svg, json or mermaid. Default: svg.")
    ] = None,
    theme: Annotated[Theme, typer.Option(help="Colours of the SVG.")] = Theme.LIGHT,
    title: Annotated[str, typer.Option(help="Title of the drawing. Default: the repository's name.")] = "",
    core: Annotated[bool, typer.Option("--core", help="Leave out people and infrastructure.")] = False,
) -> None:
    """Draw the architecture of a repository; nothing leaves this machine."""
    from autograph.server.draw import draw_source

    chosen = format_ or _format_of(output)
    settings = _settings()

    def work() -> None:
        content = draw_source(
            source,
            settings=settings,
            format_name=chosen,
            theme="dark" if theme is Theme.DARK else "light",
            title=title,
            core=core,
            console=_err,
        )
        if output is None:
            sys.stdout.buffer.write(content)
        else:
            output.write_bytes(content)

    _guarded(work)


@admin.command("create")
def admin_create(
    email: Annotated[str, typer.Option(help="E-mail address of the new administrator.")],
    name: Annotated[str, typer.Option(help="Name; the part of the address before the @ when left out.")] = "",
) -> None:
    """Create an administrator; the password comes from standard input."""
    from autograph.server.accounts import create_administrator

    settings = _settings()
    password = _password()

    def work() -> None:
        asyncio.run(create_administrator(settings, email, name or email.partition("@")[0], password))
        _err.print(f"{email} is an administrator now.")

    _guarded(work)


@admin.command("first-run")
def admin_first_run() -> None:
    """Print a fresh one-time link for the first administrator; earlier links open nothing any more."""
    from autograph.server.accounts import first_run_link

    settings = _settings()
    _guarded(lambda: typer.echo(asyncio.run(first_run_link(settings))))


@audit.command("verify")
def audit_verify(
    checkpoints: Annotated[
        Path | None,
        typer.Option(
            help="File of checkpoints; the one that is set when left out. Name a copy kept elsewhere."
        ),
    ] = None,
) -> None:
    """Say whether the audit log is whole: exit code 0 when it is, 1 when not, 2 when that cannot be told."""
    from autograph.server.audit import report, verify

    settings = _settings()

    def work() -> None:
        verdict = verify(settings, checkpoints, console=_err)
        for line in report(verdict):
            typer.echo(line)
        if not verdict.is_whole:
            raise typer.Exit(1)

    _guarded(work)


@keys.command("rotate")
def keys_rotate(
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once",
            help="As when a key was stolen: old keys are believed no more, access tokens must be refreshed.",
        ),
    ] = False,
) -> None:
    """Make a new signing key; running processes take it up within seconds, and nobody is signed out."""
    from autograph.server.keys import rotate

    settings = _settings()

    def work() -> None:
        kid, signs_from = asyncio.run(rotate(settings, at_once=at_once))
        old = "Old ones are believed no more." if at_once else "Old ones are believed until their tokens end."
        _err.print(f"Key {kid} signs from {signs_from:%H:%M:%S} UTC on. {old}")

    _guarded(work)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _password() -> str:
    """The password: typed without echo on a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _format_of(output: Path | None) -> Format:
    endings = {".json": Format.JSON, ".mmd": Format.MERMAID, ".mermaid": Format.MERMAID}
    return endings.get(output.suffix.lower(), Format.SVG) if output else Format.SVG


def _settings() -> Settings:
    try:
        return load()
    except BadSettings as error:
        _fail(str(error))


def _guarded(work: Callable[[], None]) -> None:
    """Run `work`; what a person can mend ends with one line, not with a stack trace."""
    gc.enable()  # all that stays is imported: see `autograph.__main__`
    try:
        work()
    except BadSettings as error:
        _fail(str(error))
    except Problem as problem:
        _fail(problem.detail)
    except OSError as error:
        _fail(f"{error.filename or ''} {error.strerror or error}".strip() + ".")


def _fail(message: str) -> NoReturn:
    _err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(2)


def main() -> None:
    """Entry point of the installed program."""
    app()
