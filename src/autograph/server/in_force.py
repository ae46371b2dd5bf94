"""The settings in force, as administrators may see them: every name with its value, and of secrets only whether."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from autograph.model.telemetry import Setting
from autograph.server.settings import PREFIX, Settings

HIDDEN = "***"
_SECRET_NAMES = ("DSN", "KEY", "PASSWORD", "SECRET", "TOKEN")
_PASSWORD = re.compile(r"(://[^:/@\s]*):.*@")
_SECRET_PARAMETER = re.compile(r"([?&][^=&]*(?:dsn|key|password|secret|token)[^=&]*=)[^&]*", re.IGNORECASE)


def settings_in_force(settings: Settings) -> tuple[Setting, ...]:
    """Return every setting by its name in the environment, in order, ready to be shown."""
    return tuple(_setting(*found) for found in sorted(_leaves(settings, PREFIX), key=lambda found: found[0]))


def _leaves(model: BaseModel, prefix: str) -> Iterator[tuple[str, FieldInfo, Any]]:
    for name, field in type(model).model_fields.items():
        value, variable = getattr(model, name), prefix + name.upper()
        if isinstance(value, BaseModel):
            yield from _leaves(value, variable + "__")
        else:
            yield variable, field, value


def _setting(name: str, field: FieldInfo, value: Any) -> Setting:
    default = field.get_default(call_default_factory=True, validated_data={})
    if is_secret := _is_secret(name, field, value):
        content = value.get_secret_value() if isinstance(value, SecretStr) else value
        shown = "set" if content else "not set"
    else:
        shown = _shown(value)
    return Setting(name=name, value=shown, is_secret=is_secret, is_default=value == default)


def _is_secret(name: str, field: FieldInfo, value: Any) -> bool:
    """By its type, or by a name that says so; a path to a key is none."""
    if isinstance(value, SecretStr) or "Secret" in str(field.annotation) or not field.repr:
        return True
    return name.endswith(_SECRET_NAMES) and field.annotation not in {Path, Path | None, int, float, bool}


def _shown(value: Any) -> str:
    """A value as one writes it in the environment, without passwords in addresses."""
    plain = json.loads(json.dumps(value, default=_plain))
    return _clean(plain) if isinstance(plain, str) else "" if plain is None else json.dumps(_cleaned(plain))


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")  # secrets inside of it become asterisks
    return sorted(value) if isinstance(value, set | frozenset) else str(value)


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cleaned(found) for name, found in value.items()}
    if isinstance(value, list):
        return [_cleaned(found) for found in value]
    return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    return _SECRET_PARAMETER.sub(rf"\1{HIDDEN}", _PASSWORD.sub(rf"\1:{HIDDEN}@", text))
