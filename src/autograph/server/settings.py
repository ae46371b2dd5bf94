"""The settings of a whole installation. Only this file reads the environment.

A name that we do not know is as much an error as a value that we cannot read: pydantic-settings ignores
unknown names, so they are looked for here.
"""

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_origin
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from autograph.analysis.settings import AnalysisSettings
from autograph.auth.audit.checkpoints import FILE_NAME as CHECKPOINTS_FILE
from autograph.auth.settings import AuthSettings
from autograph.diagrams.settings import DiagramsSettings
from autograph.export.settings import ExportSettings
from autograph.gateway.address import trusted_proxies
from autograph.gateway.metrics import MetricsSettings
from autograph.gateway.settings import GatewaySettings
from autograph.observability.telemetry import ObservabilitySettings
from autograph.server.http import HttpSettings
from autograph.server.services import ServicesSettings
from autograph.server.tls import TlsSettings
from autograph.storage.sql import parsed_url
from autograph.watch.settings import WatchSettings

PREFIX = "AUTOGRAPH_"
DOTENV = Path(".env")
SERVICES = ("auth", "diagrams", "export", "flags", "analysis", "watch")
"""Every service behind the gateway, in the order in which they are built: each may call those before it."""

SIGNALS = ("traces", "metrics", "logs")
"""What a collector may get."""


class BadSettings(Exception):  # noqa: N818 - said to a person, not caught as an error
    """The environment cannot be used; the message is one line that says what to do."""


class ObjectsCredentials(BaseModel):
    """Who we are to an S3 store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    access_key: str = Field(
        default="", description="S3 access key ID; empty to use the machine's own credentials."
    )
    secret_key: str = Field(default="", description="S3 secret access key.", repr=False)


class Settings(BaseSettings):
    """Read once at start, then passed down by value, each room its own part."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        env_file=None,
    )

    data: Path = Field(
        default=Path("data"), description="Folder of everything that is kept; made when missing."
    )
    host: str = Field(
        default="127.0.0.1", description="Address to listen on. 0.0.0.0 opens it to the network."
    )
    port: int = Field(default=8080, ge=1, le=65535, description="Port to listen on.")
    env: Literal["development", "production"] = Field(
        default="development",
        description="production logs JSON lines and refuses what is only safe on one's own machine.",
    )
    public_url: str = Field(
        default="",
        description="Where people reach AutoGraph, such as https://diagrams.example.com; links are built from it."
        " Empty means http://127.0.0.1 with the port.",
    )
    database_url: str = Field(
        default="",
        description="sqlite:///path or postgresql://user:password@host/name. Empty means SQLite in the data folder.",
    )
    redis_url: str = Field(
        default="", description="redis://host:6379/0. Empty means memory, which is right for one process."
    )
    objects_url: str = Field(
        default="",
        description="file:///folder or s3://bucket/prefix?endpoint=…&region=…. Empty means the data folder.",
    )
    objects: ObjectsCredentials = ObjectsCredentials()
    upstreams: dict[str, str] = Field(
        default_factory=dict,
        description='Services that run elsewhere, as JSON: {"auth": "http://auth:8085"}. What is not named runs here.',
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severity that is logged."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses or networks, separated by commas, whose X-Forwarded-For is believed.",
    )
    drain_seconds: float = Field(
        default=28.0,
        ge=0,
        le=3600,
        description="Seconds from SIGTERM on in which requests in flight may finish; then they are cancelled. In"
        " development Ctrl-C waits 1.5 seconds at most; a second signal waits for nothing.",
    )
    drain_delay_seconds: float | None = Field(
        default=None,
        ge=0,
        le=600,
        description="Seconds after SIGTERM in which new requests are still taken while /readyz says no, so that load"
        " balancers can turn away. Empty means 3 in production, 0 in development.",
    )
    http: HttpSettings = HttpSettings()
    tls: TlsSettings = TlsSettings()
    services: ServicesSettings = ServicesSettings()
    gateway: GatewaySettings = GatewaySettings()
    observability: ObservabilitySettings = ObservabilitySettings()
    metrics: MetricsSettings = MetricsSettings()
    auth: AuthSettings = AuthSettings()
    diagrams: DiagramsSettings = DiagramsSettings()
    export: ExportSettings = ExportSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    watch: WatchSettings = WatchSettings()

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        trusted_proxies(value)
        return value

    @field_validator("upstreams")
    @classmethod
    def _are_services(cls, value: dict[str, str]) -> dict[str, str]:
        for name, url in value.items():
            if name not in SERVICES:
                raise ValueError(f"there is no service {name!r}; there are {', '.join(SERVICES)}")
            if urlsplit(url).scheme not in {"http", "https"}:
                raise ValueError(f"{name} needs an http or https URL")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str) -> str:
        if value:
            parsed_url(value)
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "memory:")):
            raise ValueError("needs redis://host:port/number, or rediss:// for TLS")
        return value

    @field_validator("objects_url")
    @classmethod
    def _is_object_store(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"file", "s3"}:
            raise ValueError("needs file:///folder or s3://bucket/prefix")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/")):
            raise ValueError("needs scheme and host only, such as https://diagrams.example.com")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.in_production and self.gateway.off:
            raise ValueError("AUTOGRAPH_GATEWAY__OFF switches a layer off, which production does not allow")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the program gives, then the environment (which `load` has completed from `.env`)."""
        return init_settings, env_settings

    @property
    def reached_at(self) -> str:
        """The public URL, or this machine's loopback when none is set."""
        return self.public_url or f"{'https' if self.tls.is_on else 'http'}://127.0.0.1:{self.port}"

    @property
    def balancer_seconds(self) -> float:
        """How long requests are still taken while we say that we are not ready."""
        if self.drain_delay_seconds is not None:
            return self.drain_delay_seconds
        return 3.0 if self.in_production else 0.0

    @property
    def database(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{(self.data / 'autograph.db').resolve()}"

    @property
    def object_store(self) -> str:
        """URL of the object store."""
        return self.objects_url or f"file://{(self.data / 'objects').resolve()}"

    @property
    def audit_checkpoints(self) -> Path:
        """File of the audit log's checkpoints."""
        return self.auth.audit.checkpoints or self.data / CHECKPOINTS_FILE

    @property
    def watched(self) -> WatchSettings:
        """The watch's settings; links in notices lead where people reach the installation."""
        alerts = self.watch.alerts
        if not alerts.public_url:
            alerts = alerts.model_copy(update={"public_url": self.public_url})
        return self.watch.model_copy(update={"alerts": alerts})

    @property
    def collected(self) -> frozenset[str]:
        """What goes to a collector by the standard variables of OpenTelemetry; they are not ours to read further."""
        if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
            return frozenset()
        all_of_them = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
        return frozenset(
            signal
            for signal in SIGNALS
            if (all_of_them or os.environ.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT"))
            and os.environ.get(f"OTEL_{signal.upper()}_EXPORTER", "").strip().lower() != "none"
        )

    @property
    def in_production(self) -> bool:
        """Whether people other than the one who started it rely on this."""
        return self.env == "production"


def load(dotenv: Path = DOTENV) -> Settings:
    """Read the environment, completed by the file `dotenv` when there is one.

    Raises:
        BadSettings: A name is unknown or a value cannot be read; says which and what to do.
    """
    written = _written(dotenv)
    given = {**written, **os.environ}
    _refuse_unknown(given)
    _complete(written)
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        subject = f"{name}: " if (name := _place(first["loc"])) else ""
        raise BadSettings(
            f"{subject}{_plain(first['msg'])}. Correct it or unset it; see docs/reference/settings.md."
        ) from None
    except ValueError as error:
        subject = _not_json(given) or _plain(str(error))
        raise BadSettings(f"{subject} must be JSON; see docs/reference/settings.md.") from None


def _written(dotenv: Path) -> dict[str, str]:
    """What the file says, when there is one.

    Raises:
        BadSettings: It cannot be read.
    """
    try:
        return (
            {name: value or "" for name, value in dotenv_values(dotenv).items()} if dotenv.is_file() else {}
        )
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadSettings(
            f"The file {dotenv} cannot be read ({reason}). Correct it or take it away."
        ) from None


def _complete(written: Mapping[str, str]) -> None:
    """Add to the environment what only the file says; upper and lower case are the same name."""
    given = {name.upper() for name in os.environ}
    for name, value in written.items():
        if name.upper().startswith(PREFIX) and name.upper() not in given:
            os.environ[name] = value


def _place(location: tuple[int | str, ...]) -> str:
    """The environment name of a value inside the settings, the longest known one on the way to it, and where in it."""
    known = set(names())
    for end in range(len(location), 0, -1):
        name = PREFIX + "__".join(map(str, location[:end])).upper()
        if name in known:
            inside = ".".join(str(part) for part in location[end:] if part != "[key]")
            return f"{name} ({inside})" if inside else name
    return ""


def _not_json(given: Mapping[str, str]) -> str:
    """The first name whose value looks meant as JSON, or should be, and is not."""
    for name in sorted(given):
        if name.upper() in _STRUCTURED and given[name]:
            try:
                json.loads(given[name])
            except ValueError:
                return name
    return ""


def names() -> Iterator[str]:
    """Every environment name that means something."""
    yield from _names(Settings, PREFIX)


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _names(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield prefix + name.upper()


def _structured(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Names whose value is a list or a mapping, written as JSON."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _structured(field.annotation, f"{prefix}{name.upper()}__")
        elif (
            get_origin(field.annotation) in {tuple, list, dict, set, frozenset}
            and NoDecode not in field.metadata
        ):
            yield prefix + name.upper()


_STRUCTURED = frozenset(_structured(Settings, PREFIX))


def _refuse_unknown(given: Mapping[str, str]) -> None:
    known = list(names())
    for name in sorted(given):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            close = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f"Did you mean {close[0]}?" if close else "See docs/reference/settings.md."
            raise BadSettings(f"{name} is not a setting of AutoGraph. {hint}")


def _plain(message: str) -> str:
    """The message without pydantic's prefix and full stop."""
    return " ".join(message.removeprefix("Value error, ").split()).rstrip(".")
