"""Where a repository comes from: a folder, an archive or a git URL becomes a folder that is safe to read.

Everything here is synchronous and meant for a thread; `cancelled` is asked again and again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from autograph.analysis.settings import AnalysisSettings
from autograph.analysis.sources.archive import ENDINGS, ArchiveLimits, extract, unwrapped
from autograph.analysis.sources.git import clone, looks_like_git, title_of
from autograph.core.problem import NotFound

Progress = Callable[[int, int, str], None]
"""Called with done, total (0 when unknown) and what is being worked on."""


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A folder to read, for as long as the block lasts.

    Attributes:
        root: The repository's root.
        title: What to call the drawing.
        revision: The commit, when it is known.
    """

    root: Path
    title: str
    revision: str = ""


def never() -> bool:
    """Nobody cancels."""
    return False


def archive_limits(settings: AnalysisSettings) -> ArchiveLimits:
    """The limits that `settings` set on archives."""
    return ArchiveLimits(inflated_bytes=settings.largest_inflated_bytes, files=settings.most_files)


@contextmanager
def opened(
    spec: str,
    *,
    settings: AnalysisSettings,
    progress: Progress | None = None,
    scratch: Path | None = None,
    cancelled: Callable[[], bool] = never,
) -> Iterator[OpenedSource]:
    """Open whatever `spec` names: a git URL, an archive file or a folder of this machine.

    For the command line, where the person who calls may read every file of theirs anyway.

    Raises:
        NotFound: There is no such folder or file.
        Problem: The archive or the URL is refused; the detail says why.
    """
    if looks_like_git(spec):
        with cloned(
            spec, settings=settings, progress=progress, scratch=scratch, cancelled=cancelled
        ) as source:
            yield source
        return
    path = Path(spec).expanduser()
    if path.is_dir():
        yield OpenedSource(root=path.resolve(), title=path.resolve().name or "repository")
    elif path.is_file():
        with unpacked(path, path.name, settings=settings, progress=progress, scratch=scratch) as source:
            yield source
    else:
        raise NotFound(f"There is no folder or file {spec}. A git URL starts with https://.")


@contextmanager
def unpacked(
    archive: Path,
    name: str,
    *,
    settings: AnalysisSettings,
    progress: Progress | None = None,
    scratch: Path | None = None,
    cancelled: Callable[[], bool] = never,
) -> Iterator[OpenedSource]:
    """Unpack an archive called `name` into a private folder, removed at the end.

    Raises:
        Problem: See `archive.extract`.
    """
    with TemporaryDirectory(prefix="archive-", dir=scratch) as folder:
        extract(archive, Path(folder), archive_limits(settings), progress=progress, cancelled=cancelled)
        title = next((name[: -len(end)] for end in ENDINGS if name.lower().endswith(end)), name)
        yield OpenedSource(root=unwrapped(Path(folder)), title=title or "repository")


@contextmanager
def cloned(
    url: str,
    *,
    settings: AnalysisSettings,
    ref: str = "",
    progress: Progress | None = None,
    scratch: Path | None = None,
    cancelled: Callable[[], bool] = never,
) -> Iterator[OpenedSource]:
    """Clone one commit of a git URL into a private folder, removed at the end.

    Raises:
        Problem: See `git.clone`.
    """
    with TemporaryDirectory(prefix="clone-", dir=scratch) as folder:
        root = Path(folder) / "repository"
        revision = clone(url, root, settings=settings, ref=ref, progress=progress, cancelled=cancelled)
        yield OpenedSource(root=root, title=title_of(url), revision=revision)
