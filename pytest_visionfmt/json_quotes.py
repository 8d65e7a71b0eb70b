"""Whether a text of JSON holds more than was decoded of it, told by counting its quotes.

A fast decoder keeps one of two values that an object has under the same key, and says nothing. But a
text has two quotes for every key and every string: more of them than were decoded were lost.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Refused", "quotes_of", "strings_of"]

_DEEPEST = 32
_LEAST, _MOST = -(2**63), 2**63 - 1


class Refused(Exception):
    """What was decoded is not certain to be sound."""


def quotes_of(raw: bytes) -> int:
    """Return how many quotes a text of JSON has that begin or end a string, those in strings left out."""
    if raw.find(b'\\"') < 0:
        return raw.count(b'"')
    bare = raw.replace(b"\\\\", b"")
    return bare.count(b'"') - bare.count(b'\\"')


def strings_of(value: Any, depth: int = 0) -> int:
    """Return how many keys and strings a JSON value has.

    Raises ``Refused`` at an integer beyond 64 bits and at deep nesting.
    """
    kind = type(value)
    if kind is str:
        return 1
    if kind is int:
        if not _LEAST <= value <= _MOST:
            raise Refused
        return 0
    if kind is not list and kind is not dict:
        return 0
    if depth > _DEEPEST:
        raise Refused
    n = 0
    if kind is dict:
        n = len(value)
        value = value.values()
    for item in value:
        kind = type(item)
        if kind is str:
            n += 1
        elif kind is not float:
            n += strings_of(item, depth + 1)
    return n
