"""What an operator may set at the front door. Each layer's own settings stand beside the layer."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from autograph.gateway.layers.compression import CompressionSettings
from autograph.gateway.layers.cors import CorsSettings
from autograph.gateway.layers.idempotency import IdempotencySettings
from autograph.gateway.layers.overload import OverloadSettings
from autograph.gateway.layers.rate_limit import RateLimitSettings
from autograph.gateway.upstreams.breaker import BreakerSettings
from autograph.gateway.upstreams.retry import RetrySettings

Switchable = Literal[
    "access_log",
    "compression",
    "security_headers",
    "deadline",
    "overload",
    "rate_limit",
    "body_limit",
    "idempotency",
    "retry",
    "breaker",
]
"""Layers that may be switched off while developing. Correlation, problems, the path check and identity stay."""


class GatewaySettings(BaseModel):
    """The front door as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    off: Annotated[tuple[Switchable, ...], Field(max_length=16)] = Field(
        default=(),
        description='Layers that are switched off, as JSON: ["body_limit"]. For development only: production refuses'
        " to start, and every start with a layer off is logged as a warning.",
    )
    timeout_seconds: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="Seconds that a call may take in all, retries and pauses between them included; then it is"
        " cancelled and answered with 504. Uploads of archives have their own, longer time. A client may ask"
        " for less with `Prefer: wait=SECONDS`.",
    )
    stream_idle_seconds: float = Field(
        default=120.0,
        gt=0,
        le=3600,
        description="Seconds that an answer which has begun (a download, an event stream) may stand still"
        " before it is cut off. Our event streams say something every 15 s.",
    )
    compression: CompressionSettings = CompressionSettings()
    cors: CorsSettings = CorsSettings()
    idempotency: IdempotencySettings = IdempotencySettings()
    overload: OverloadSettings = OverloadSettings()
    rate_limit: RateLimitSettings = RateLimitSettings()
    retry: RetrySettings = RetrySettings()
    breaker: BreakerSettings = BreakerSettings()
