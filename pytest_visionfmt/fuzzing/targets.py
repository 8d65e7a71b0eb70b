"""What to fuzz, as people write it: ``mypkg.conv:to_azure: coco -> azure-od-record; losses=crowd``."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

__all__ = ["SETTINGS", "FuzzTarget", "parse_target"]

SETTINGS = ("unit", "inverse", "losses", "tolerance", "raises")
"""What may be said of a converter beyond its formats."""


@dataclass(frozen=True)
class FuzzTarget:
    """A converter, named ``package.module:name``, its formats, and what else it promises, all as text."""

    converter: str
    source: str
    target: str | None
    settings: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.converter}: {self.source} -> {self.target or '?'}"

    def function(self) -> Callable[..., Any]:
        """Return the converter. Raises ``ValueError`` where it cannot be imported."""
        return imported(self.converter)

    def promise(self) -> dict[str, Any]:
        """Return the keyword arguments of ``fuzz``. Raises ``ValueError`` for what cannot be understood."""
        from pytest_visionfmt.conversions import conversion
        from pytest_visionfmt.formats import imported as imported_format
        from pytest_visionfmt.tolerance import px

        formats: dict[str, Any] = {
            key: imported_format(name) if name and ":" in name else name
            for key, name in (("source", self.source), ("target", self.target))
        }
        found: dict[str, Any] = {}
        for key, text in self.settings.items():
            if key not in SETTINGS:
                raise ValueError(f"unknown setting {key!r}: choose from {', '.join(SETTINGS)}")
            if key == "losses":
                found[key] = frozenset(filter(None, map(str.strip, text.split(","))))
            elif key == "tolerance":
                found[key] = px(float(text.removesuffix("px")))
            elif key == "raises":
                found[key] = tuple(_exception(name.strip()) for name in text.split(","))
            elif key == "inverse":
                continue
            else:
                found[key] = text
        conversion(**formats, **found)  # raises for what there is not
        if "inverse" in self.settings:
            found["inverse"] = imported(self.settings["inverse"])
        return {**formats, **found}


def imported(name: str) -> Callable[..., Any]:
    """Return what ``package.module:name`` names. Raises ``ValueError`` where that is nothing to call."""
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        raise ValueError(f"{name!r} is not of the form 'package.module:name'")
    try:
        found: Any = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:  # a module may raise anything when it is imported
        raise ValueError(f"{name!r} cannot be imported: {type(error).__name__}: {error}") from error
    if not callable(found):
        raise ValueError(f"{name!r} is a {type(found).__name__}, which cannot be called")
    converter: Callable[..., Any] = found
    return converter


def _exception(name: str) -> type[BaseException]:
    found: Any = imported(name) if ":" in name else getattr(builtins, name, None)
    if not isinstance(found, type) or not issubclass(found, BaseException):
        raise ValueError(f"{name!r} is no exception: name a builtin, or package.module:Name")
    return found


def parse_target(line: str) -> FuzzTarget:
    """Return what a line says. Raises ``ValueError`` where it is not of the form."""
    form = (
        f"{line!r} is not of the form 'package.module:name: SOURCE -> TARGET', with '; unit=folder' and the like behind"
    )
    head, *rest = (part.strip() for part in line.split(";"))
    converter, colon, formats = head.partition(": ")
    source, arrow, target = formats.partition("->")
    if not colon or not arrow or not source.strip() or ":" not in converter:
        raise ValueError(form)
    settings = {}
    for part in filter(None, rest):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(form)
        settings[key.strip()] = value.strip()
    return FuzzTarget(converter.strip(), source.strip(), target.strip() or None, settings)
