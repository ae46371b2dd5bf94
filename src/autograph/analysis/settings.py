"""What an installation may choose about reading repositories."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

MIB = 1024 * 1024


class AnalysisSettings(BaseModel):
    """Settings of the analysis service; the environment names are ``AUTOGRAPH_ANALYSIS__<NAME>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roots: tuple[Path, ...] = Field(
        default=(),
        description='Folders of the server that may be drawn from the page, as JSON: ["/srv/repositories"].',
    )
    allowed_git_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts (or host:port) inside the network that may be cloned from, also by plain http, as JSON:"
        ' ["git.example.internal"]. Public hosts need no entry.',
    )
    largest_upload_bytes: int = Field(
        default=200 * MIB, ge=MIB, le=250 * MIB, description="Largest archive that is taken, in bytes."
    )
    largest_inflated_bytes: int = Field(
        default=1024 * MIB, ge=MIB, description="Most bytes that an archive or a clone may unpack to."
    )
    most_files: int = Field(default=200_000, ge=100, description="Most files that an archive may hold.")
    fetching_seconds: float = Field(default=180.0, gt=0, description="Seconds that a clone may take.")
    reading_seconds: float = Field(
        default=300.0, gt=0, description="Seconds that reading a repository may take."
    )
    reading_memory_bytes: int = Field(
        default=2048 * MIB, ge=256 * MIB, description="Most memory of the process that reads, in bytes."
    )
    jobs_at_once: int = Field(default=2, ge=1, le=32, description="Repositories read at the same time.")
    jobs_per_person: int = Field(
        default=3, ge=1, le=100, description="Unfinished jobs that one person may have."
    )
    kept_hours: float = Field(default=24.0, gt=0, description="Hours for which a finished job can be opened.")
