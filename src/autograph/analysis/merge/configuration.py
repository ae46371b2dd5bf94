"""Whose setting is it, and what does `${A:b}` stand for there: configuration resolved across files."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from autograph.analysis.facts import Setting
from autograph.analysis.merge.names import fold, plain
from autograph.analysis.merge.parts import Part, Parts, environment_files

_PLACEHOLDER = re.compile(
    r"\$\{([\w.\-\[\]]+)(?::-?((?:[^{}]|\{[^{}]*\})*))?\}|\$\(([A-Za-z_]\w*)\)|\$([A-Za-z_]\w*)|\{\{\s*(\w+)\s*\}\}"
)
_STANDARD = ("application", "bootstrap", "appsettings", ".env", "ocelot", "config", "settings")
_MOST_STEPS = 4
SHARED_MAP = "Kubernetes envFrom"
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


class Configuration:
    """The settings of each part, those shared by all, and their values with placeholders filled in."""

    def __init__(self, settings: list[Setting], parts: Parts) -> None:
        self._parts = parts
        self._own: dict[int, dict[str, list[Setting]]] = defaultdict(lambda: defaultdict(list))
        self._maps: dict[str, list[Setting]] = defaultdict(list)
        self._files: dict[str, list[Setting]] = defaultdict(list)
        self._shared: dict[str, list[Setting]] = defaultdict(list)
        self._repositories = _repositories(settings, parts)
        for setting in settings:
            self._files[setting.place.file].append(setting)
            if setting.owner.startswith("configmap:"):
                self._maps[setting.owner].append(setting)
        variables = environment_files([*parts.components(), *settings])
        self._variables = {plain(setting.key): setting for setting in variables}
        for setting in settings:
            if self._variables.get(plain(setting.key)) != setting:
                self._place(setting)

    def _place(self, setting: Setting) -> None:
        if setting.owner.startswith("configmap:"):
            return
        if setting.owner:
            owner = self._parts.named(setting.owner)
            for one in self._included(setting) if owner is not None else ():
                self._own[id(owner)][plain(one.key)].append(one)
            return
        owner = self._file_owner(setting.place.file)
        if owner is not None:
            self._own[id(owner)][plain(setting.key)].append(setting)
        elif _shares(setting.place.file, self._repositories):
            self._shared[plain(setting.key)].append(setting)

    def _included(self, setting: Setting) -> Iterator[Setting]:
        if setting.key == "env_file":
            yield from self._files.get(setting.value, [])
        elif setting.value.startswith("configmap:"):
            name, _, key = setting.value.partition("#")
            for one in self._maps.get(name, []):
                place = one.place if key else replace(one.place, rule=SHARED_MAP)
                if key in ("", one.key):
                    yield Setting(setting.key if key else one.key, one.value, place, setting.owner)
        else:
            yield setting

    def _file_owner(self, file: str) -> Part | None:
        folder, _, name = file.rpartition("/")
        stem = name.rpartition(".")[0] or name
        named = self._parts.named(stem, exact=True) or self._parts.named(
            stem.rpartition("-")[0] or stem, exact=True
        )
        if folder in self._repositories:
            return named
        standard = name.lower().startswith(_STANDARD)
        return self._parts.owner(file) if standard or named is None else named

    def settings(self, part: Part) -> Iterator[Setting]:
        """Every setting of a part, then what configuration repositories give to all."""
        own = self._own.get(id(part), {})
        for key in own:
            found = own[key]
            set_elsewhere = any(not setting.fallback for setting in found)
            yield from (s for s in found if not (s.fallback and set_elsewhere))
        if part.language or part.traits:
            for key, shared in self._shared.items():
                if key not in own:
                    yield from shared

    def is_shared(self, setting: Setting) -> bool:
        """Whether a configuration repository gives this setting to every service."""
        return setting in self._shared.get(plain(setting.key), ())

    def value(self, part: Part | None, key: str) -> Setting | None:
        """What `key` is for this part; values from deployment win over those in code and files."""
        own = self._own.get(id(part), {}) if part is not None else {}
        found = own.get(plain(key)) or self._shared.get(plain(key)) or []
        found = [setting for setting in found if setting.value != f"${{{setting.key}}}"]
        ranked = sorted(found, key=lambda s: (s.fallback, not s.owner, "localhost" in s.value))
        return ranked[0] if ranked else self._variables.get(plain(key))

    def expand(self, part: Part | None, text: str, steps: int = _MOST_STEPS) -> str:
        """`text` with placeholders filled in; what is not known becomes `UNKNOWN`."""

        def known(match: re.Match[str]) -> str:
            key = match.group(1) or match.group(3) or match.group(4) or match.group(5)
            setting = self.value(part, key)
            if setting is not None and setting.value != match.group() and steps > 0:
                return self.expand(part, setting.value, steps - 1)
            if match.group(2) is not None and steps > 0:
                return self.expand(part, match.group(2), steps - 1)
            return UNKNOWN

        return _PLACEHOLDER.sub(known, text[:4000])[:8000] if "$" in text or "{{" in text else text


def _repositories(settings: list[Setting], parts: Parts) -> set[str]:
    """Folders of files named after parts: configuration repositories."""
    stems: dict[str, set[int]] = defaultdict(set)
    for file in {setting.place.file for setting in settings if not setting.owner}:
        folder, _, name = file.rpartition("/")
        if not name.endswith((".yml", ".yaml", ".properties")) or folder.endswith("src/main/resources"):
            continue
        named = parts.named(name.rpartition(".")[0], exact=True)
        if named is not None and fold(name.rpartition(".")[0]) != "application":
            stems[folder].add(id(named))
    return {folder for folder, found in stems.items() if len(found) > 1}


def _shares(file: str, repositories: set[str]) -> bool:
    folder, _, name = file.rpartition("/")
    return folder in repositories and name.startswith("application")
