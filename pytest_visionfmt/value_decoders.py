"""Values without parts, read from bytes: numbers, strings, one of several.

All bytes zero is the simplest value of each. Hypothesis shrinks bytes one by one, the first of a
value before the others, and mostly in small steps: so kinds stand in blocks, simple ones first, and
never by turns, where one step down would lead to another kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st

from pytest_visionfmt.schema_nodes import compile_pattern
from pytest_visionfmt.values import fresh

__all__ = [
    "ANYTHING",
    "Decoder",
    "Drawing",
    "choice",
    "fixed_text",
    "given",
    "in_blocks",
    "integers",
    "look_up",
    "number_table",
    "numbers",
    "text",
]

T = TypeVar("T")


@dataclass(slots=True)
class Drawing:
    """One record in the making.

    ``draw`` draws from a strategy that the user passed, ``source`` gives the bytes. ``pending``
    lists what the next level of nesting must read, as (bytes wanted, reader), and ``finish`` what is
    to be mended when everything is there. ``shared`` holds what parts of the record must agree on.
    """

    draw: Callable[[st.SearchStrategy[Any]], Any]
    source: Random
    pending: list[tuple[int, Callable[[bytes, int], None]]] = field(default_factory=list)
    finish: list[Callable[[], None]] = field(default_factory=list)
    shared: dict[str, Any] = field(default_factory=dict)


class Decoder(NamedTuple):
    """``read(bytes, at, drawing)`` makes a value of the ``size`` bytes from ``at`` on."""

    size: int
    read: Callable[[bytes, int, Drawing], Any]


# Pools. The first of each is the simplest.

# The smallest stand last, next to the even grid, which begins with small numbers: so what needs a
# small number shrinks to the first of them.
_EDGES: tuple[float, ...] = (
    0.0, 1.0, 0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875, 0.1, 1 / 3, 0.1 + 0.2, 0.17234468937875752, 0, 1,
    0.995, 0.999, 1 - 2.0**-53, 0.01, 0.0051, 0.005, 0.001, 0.0049, 1e-9, 2.0**-53, 1e-320, 5e-324,
)  # fmt: skip
_EDGE_SHARE = 0x3000
_INTEGER_EDGE_SHARE = 0x5000
_TABLE = 0x10000
_SIZES = (1, 2, 3, 7, 8, 64, 100, 416, 480, 499, 640, 666, 1024, 4096, 65500, 2**31 - 1, 2**63 - 1)
_TEXTS = (
    "a", "b", "A", "0", "007", "can", "milk_bottle", "milk bottle", "a,b", "a\"b", "it's", "a\\b", "a/b", "a\nb",
    " x ", "", "true", "null", "NaN", "--bg--", "#x", "+1", "x" * 255,
    # Last, and so next to the code points: what needs a character beyond ASCII shrinks to the first of these.
    "é", "e\u0301", "自行车", "😀", "\u202eabc", "שלום", "\u200b",
)  # fmt: skip
ANYTHING: tuple[Any, ...] = ({}, [], None, False, 0, "", "a", [None], {"a": 1}, 0.5, -1)
_UNBOUNDED = 1000.0
_SURROGATES = 0xD800
_BLIND_SPOT = 0x800  # the surrogates, which are no characters
_BMP, _ALL = 0x10000 - _BLIND_SPOT, 0x110000 - _BLIND_SPOT


def in_blocks(values: Sequence[T], size: int = 256) -> tuple[T, ...]:
    """Return a table of ``size`` entries that has every value in a block of its own, in order."""
    return tuple(values[u * len(values) // size] for u in range(size))


def given(strategy: st.SearchStrategy[Any]) -> Decoder:
    """Take no bytes and draw from a strategy that the user passed."""
    return Decoder(0, lambda b, at, drawing: drawing.draw(strategy))


@lru_cache(maxsize=64)
def number_table(low: float, high: float, edges: tuple[float, ...] = _EDGES) -> tuple[float, ...]:
    """Return 65 536 numbers from ``low`` to ``high``: edges first, given for 0 to 1, then an even grid."""
    span = high - low
    if (low, high) != (0, 1):
        edges = tuple(min(high, max(low, low + span * edge)) for edge in edges)
    grid = _TABLE - _EDGE_SHARE + 1
    return (
        *in_blocks(edges, _EDGE_SHARE),
        *(min(high, low + span * ((u + 1) / grid)) for u in range(_TABLE - _EDGE_SHARE)),
    )


def numbers(low: float | None, high: float | None) -> Decoder:
    """Decode a number within bounds from two bytes."""
    bottom = low if low is not None else min(-_UNBOUNDED, (high or 0) - _UNBOUNDED)
    top = high if high is not None else max(_UNBOUNDED, bottom + _UNBOUNDED)
    return look_up(number_table(bottom, top))


def look_up(table: tuple[Any, ...]) -> Decoder:
    """Decode an entry of a table of 65 536."""
    return Decoder(2, lambda b, at, _: table[b[at] << 8 | b[at + 1]])


def integers(low: float | None, high: float | None) -> Decoder:
    """Decode an integer within bounds from two bytes: sizes that images have, or an even grid."""
    bottom = int(low) if low is not None else min(0, int(high or 0) - 1000)
    sizes = [size for size in _SIZES if size > bottom and (high is None or size <= high)]
    # The lower bound eight times: code that is wrong at all is wrong there.
    edges = [bottom] * 8 + sizes
    span = int(high) - bottom + 1 if high is not None else _TABLE
    grid = _TABLE - _INTEGER_EDGE_SHARE

    def read(b: bytes, at: int, _: Drawing) -> int:
        u = b[at] << 8 | b[at + 1]
        if u < _INTEGER_EDGE_SHARE:
            return edges[u * len(edges) // _INTEGER_EDGE_SHARE]
        return bottom + (u - _INTEGER_EDGE_SHARE) * span // grid

    return Decoder(2, read)


def text(mend: Callable[[str], str] = str) -> Decoder:
    """Decode a string from four bytes: nasty ones from a pool, or any code point, repeated.

    ``mend`` makes of any string one that is allowed where this stands.
    """
    pool = in_blocks([mend(string) for string in _TEXTS], 128)

    def read(b: bytes, at: int, _: Drawing) -> str:
        style = b[at]
        if style < 128:
            return pool[style]
        # Half of the rest is from the plane that the scripts in use are in; its zero is "a".
        point = b[at + 2] << 8 | b[at + 3]
        point = (point + 97) % _BMP if style < 192 else ((b[at + 1] << 16 | point) + 97) % _ALL
        return mend(chr(point if point < _SURROGATES else point + _BLIND_SPOT) * (1 + (style & 7)))

    return Decoder(4, read)


def fixed_text(candidates: tuple[str, ...], pattern: str | None) -> Decoder | None:
    """Decode one of those candidates that match the pattern; None where none does."""
    matches = compile_pattern(pattern).search if pattern else bool
    fitting = tuple(candidate for candidate in candidates if matches(candidate))
    return choice(fitting) if fitting else None


def choice(values: Sequence[Any]) -> Decoder:
    """Decode one of some values from one byte, or two where there are over 256."""
    size = 1 if len(values) <= 256 else 2
    table = in_blocks(values, 256**size)

    def pick(b: bytes, at: int, _: Drawing) -> Any:
        return table[b[at]]

    def pick_of_many(b: bytes, at: int, _: Drawing) -> Any:
        return table[b[at] << 8 | b[at + 1]]

    read = pick if size == 1 else pick_of_many
    if any(isinstance(value, dict | list) for value in values):  # a fresh one for every record
        return Decoder(size, lambda b, at, drawing: fresh(read(b, at, drawing)))
    return Decoder(size, read)
