"""Records as the bytes of a JSON Lines file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

__all__ = ["as_lines", "as_text"]


def as_text(value: Any) -> str:
    """Return a record as one line of JSON."""
    return json.dumps(value, ensure_ascii=False)


def as_lines(values: Iterable[Any]) -> bytes:
    """Return records as a JSON Lines file."""
    return "".join(f"{as_text(value)}\n" for value in values).encode()
