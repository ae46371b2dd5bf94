"""A folder becomes a Model: walk, read every file once, merge. Synchronous, deterministic, no network."""

from collections.abc import Callable
from pathlib import Path

from autograph.analysis import tree
from autograph.analysis.facts import Fact
from autograph.analysis.merge import merge
from autograph.analysis.readers import shelf
from autograph.analysis.yaml_lines import BrokenYamlError
from autograph.model.architecture import Model, Skipped

Progress = Callable[[int, int, str], None]


def read_repository(
    root: Path, *, title: str, progress: Progress | None = None, limits: tree.Limits | None = None
) -> Model:
    """Read the architecture out of the files below `root`.

    Args:
        root: A folder; symbolic links in it are never followed.
        title: The model's title.
        progress: Called with (files done, files in all, current file's path) as reading goes on.
        limits: How much is read at most; what exceeds it is listed in `skipped`.

    Returns:
        The model; empty when nothing is recognised. The same bytes give the same model.
    """
    skipped: list[Skipped] = []
    listed = tree.list_files(root, limits or tree.Limits(), skipped)
    readers = list(shelf())
    facts: list[Fact] = []
    texts: dict[str, str] = {}
    for done, entry in enumerate(listed):
        if progress is not None:
            progress(done, len(listed), entry.path)
        file = tree.load(root, entry)
        if isinstance(file, str):
            skipped.append(Skipped(file=entry.path, reason=file))
            continue
        before = len(facts)
        for reader in readers:
            if not reader.wants(file):
                continue
            try:
                facts.extend(reader.read(file))
            except BrokenYamlError as fault:
                reason = Skipped(file=entry.path, reason=str(fault))
                if reason not in skipped:
                    skipped.append(reason)
        if len(facts) > before:
            texts[entry.path] = file.text
    if progress is not None:
        progress(len(listed), len(listed), "")
    return merge(facts, title=title, texts=texts, skipped=skipped)
