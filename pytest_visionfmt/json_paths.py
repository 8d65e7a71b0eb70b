"""Places in a JSON value: how they are written (RFC 9535), and which site of a format they are."""

from __future__ import annotations

import json
import re
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, TypeAlias

__all__ = ["INSIDE", "MISSING", "Path", "Step", "outer", "render", "site_of", "value_at"]


class _Inside(Enum):
    """The step from a string to the JSON that it holds."""

    INSIDE = " > $"


INSIDE = _Inside.INSIDE
Step: TypeAlias = str | int | Literal[_Inside.INSIDE]
Path: TypeAlias = tuple[Step, ...]

# The shorthand `.name` of RFC 9535; any other member name is written in brackets.
_SHORTHAND = re.compile(r"[A-Za-z_\u0080-\ud7ff\ue000-\U0010ffff][0-9A-Za-z_\u0080-\ud7ff\ue000-\U0010ffff]*\Z")
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "'": "\\'", "\\": "\\\\"}


class _Missing:
    """The value at a path where there is none."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()


@lru_cache(maxsize=1024)
def _member(name: str) -> str:
    if _SHORTHAND.match(name):
        return "." + name
    escaped = "".join(
        _ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " or "\ud800" <= c <= "\udfff" else c) for c in name
    )
    return f"['{escaped}']"


def render(path: Path) -> str:
    """Return the path as RFC 9535 writes it: ``$.label[3].bottomX``, ``$['source-ref']``.

    A path into JSON that a string holds is two: ``$.input_data.data[0] > $.image_base64``.
    """
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else _written(step) for step in path)


def _written(step: Step) -> str:
    return INSIDE.value if step is INSIDE else _member(str(step))


def site_of(path: Path) -> str:
    """Return the path with every index a wildcard: ``$.label[*].bottomX``.

    A site is a place in the format rather than in one record; verdicts are given per site.
    """
    return "$" + "".join("[*]" if isinstance(step, int) else _written(step) for step in path)


def outer(path: Path) -> Path:
    """Return the part of a path that stands in the text itself: up to the string that holds the rest."""
    return path[: path.index(INSIDE)] if INSIDE in path else path


def value_at(value: Any, path: Path) -> Any:
    """Return what stands at ``path`` in ``value``, or ``MISSING``."""
    for step in path:
        try:
            value = json.loads(value) if step is INSIDE else value[step]
        except (KeyError, IndexError, TypeError, ValueError, RecursionError):
            return MISSING
    return value
