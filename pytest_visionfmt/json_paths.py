"""Places in a JSON value: how they are written (RFC 9535), and which site of a format they are."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

__all__ = ["MISSING", "Path", "render", "site_of", "value_at"]

Path: TypeAlias = tuple[str | int, ...]

# The shorthand `.name` of RFC 9535; any other member name is written in brackets.
_SHORTHAND = re.compile(r"[A-Za-z_\u0080-\ud7ff\ue000-\U0010ffff][0-9A-Za-z_\u0080-\ud7ff\ue000-\U0010ffff]*\Z")
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "'": "\\'", "\\": "\\\\"}


class _Missing:
    """The value at a path where there is none."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()


def _member(name: str) -> str:
    if _SHORTHAND.match(name):
        return "." + name
    escaped = "".join(
        _ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " or "\ud800" <= c <= "\udfff" else c) for c in name
    )
    return f"['{escaped}']"


def render(path: Path) -> str:
    """Return the path as RFC 9535 writes it: ``$.label[3].bottomX``, ``$['source-ref']``."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else _member(step) for step in path)


def site_of(path: Path) -> str:
    """Return the path with every index a wildcard: ``$.label[*].bottomX``.

    A site is a place in the format rather than in one record; verdicts are given per site.
    """
    return "$" + "".join("[*]" if isinstance(step, int) else _member(step) for step in path)


def value_at(value: Any, path: Path) -> Any:
    """Return what stands at ``path`` in ``value``, or ``MISSING``."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return value
