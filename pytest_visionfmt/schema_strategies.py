"""Our JSON Schema subset to strategies: a schema is compiled into decoders of bytes.

What costs in Hypothesis is the number of draws, not of bytes. So each subschema knows how many
bytes it needs and how to read a value from them, and a record is one draw for its head, one for
each count at the top, and one for each level of nesting below. All bytes zero is the simplest
value there is, which is what makes records shrink well. A family hooks in where a schema cannot
say enough: ``hooks`` maps a site to a function that makes the decoder there.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.schema_nodes import Node, compile_pattern

__all__ = [
    "Compiler",
    "Decoder",
    "Drawing",
    "Hook",
    "choice",
    "decode_record",
    "fixed_text",
    "number_table",
    "numbers",
    "text",
]


class Decoder(NamedTuple):
    """``read(bytes, at, drawing)`` makes a value of the ``size`` bytes from ``at`` on."""

    size: int
    read: Callable[[bytes, int, Drawing], Any]


@dataclass(slots=True)
class Drawing:
    """One record in the making.

    ``given`` holds the strategies that the user passed, by argument name, and ``counts`` the bounds
    of the lists at the top, by site. ``pending`` lists what the next level of nesting must read, as
    (bytes wanted, reader), and ``finish`` what is to be mended when everything is there.
    """

    draw: Callable[[st.SearchStrategy[Any]], Any]
    given: Mapping[str, st.SearchStrategy[Any]] = field(default_factory=dict)
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    pending: list[tuple[int, Callable[[bytes, int], None]]] = field(default_factory=list)
    finish: list[Callable[[], None]] = field(default_factory=list)


Hook: TypeAlias = Callable[["Compiler", Node, str], Decoder]


@lru_cache(maxsize=1024)
def _exactly(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


@lru_cache(maxsize=256)
def _count(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


def decode_record(decoder: Decoder, drawing: Drawing) -> Any:
    """Return one value of the decoder, drawing level by level."""
    draw = drawing.draw
    value = decoder.read(draw(_exactly(decoder.size)), 0, drawing)
    while drawing.pending:
        level, drawing.pending = drawing.pending, []
        total = sum(size for size, _ in level)
        buffer = draw(_exactly(total)) if total else b""
        at = 0
        for size, read in level:
            read(buffer, at)
            at += size
    for mend in drawing.finish:
        mend()
    return value


# Pools. The first of each is the simplest.

_EDGES: tuple[float, ...] = (
    0.0, 1.0, 0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875, 0.1, 0.01, 0.001, 0.005, 0.995, 0.999,
    1 / 3, 0.1 + 0.2, 0.17234468937875752, 1e-9, 5e-324, 1e-320, 2.0**-53, 1 - 2.0**-53, 0.0049, 0.0051, 0, 1,
)  # fmt: skip
_EDGE_SHARE = 0x1800
_SMALLEST_SHARE = 0x1000
_INTEGER_EDGE_SHARE = 0x5000
_TABLE = 0x10000
_SIZES = (1, 2, 3, 7, 8, 64, 100, 416, 480, 499, 640, 666, 1024, 4096, 65500, 2**31 - 1, 2**63 - 1)
_TEXTS = (
    "a", "b", "A", "0", "007", "can", "milk_bottle", "milk bottle", "a,b", "a\"b", "it's", "a\\b", "a/b", "a\nb",
    " x ", "", "true", "null", "NaN",
    "--bg--", "é", "e\u0301", "自行车", "😀", "\u202eabc", "שלום", "\u200b", "#x", "+1",
    "x" * 255,
)  # fmt: skip
_ANYTHING: tuple[Any, ...] = ({}, [], None, False, 0, "", "a", [None], {"a": 1}, 0.5, -1)
_UNBOUNDED = 1000.0
_BLIND_SPOT = 0x800  # the surrogates, which are no characters


@lru_cache(maxsize=64)
def number_table(low: float, high: float) -> tuple[float, ...]:
    """Return 65 536 numbers from ``low`` to ``high``: edges first, then an even grid."""
    span = high - low
    exact = (low, high) == (0, 1)
    edges = [edge if exact else min(high, max(low, low + span * edge)) for edge in _EDGES]
    grid = _TABLE - _EDGE_SHARE + 1
    # In blocks, not in turns: a number that shrinks goes from edge to simpler edge.
    table = [edges[u * len(edges) // _EDGE_SHARE] for u in range(_EDGE_SHARE)]
    table += [min(high, low + span * ((u + 1) / grid)) for u in range(_TABLE - _EDGE_SHARE)]
    return tuple(table)


def numbers(low: float | None, high: float | None) -> Decoder:
    """Decode a number within bounds from two bytes."""
    bottom = low if low is not None else min(-_UNBOUNDED, (high or 0) - _UNBOUNDED)
    top = high if high is not None else max(_UNBOUNDED, bottom + _UNBOUNDED)
    table = number_table(bottom, top)
    # The first byte counts most, as it does for Hypothesis: what is smaller to it must be simpler.
    return Decoder(2, lambda b, at, _: table[b[at] << 8 | b[at + 1]])


def _integers(low: float | None, high: float | None) -> Decoder:
    bottom = int(low) if low is not None else min(0, int(high or 0) - 1000)
    sizes = (bottom, *(size for size in _SIZES if size > bottom and (high is None or size <= high)))
    span = int(high) - bottom + 1 if high is not None else _TABLE

    def read(b: bytes, at: int, _: Drawing) -> int:
        u = b[at] << 8 | b[at + 1]
        if u < _SMALLEST_SHARE:
            return bottom
        if u < _INTEGER_EDGE_SHARE:
            return sizes[u % len(sizes)]
        return bottom + u % span

    return Decoder(2, read)


def text() -> Decoder:
    """Decode a string from four bytes: nasty ones from a pool, or any code point, repeated."""

    def read(b: bytes, at: int, _: Drawing) -> str:
        style = b[at]
        if style < 128:
            return _TEXTS[style % len(_TEXTS)]
        point = (b[at + 1] << 16 | b[at + 2] << 8 | b[at + 3]) % (0x110000 - _BLIND_SPOT)
        return chr(point if point < 0xD800 else point + _BLIND_SPOT) * (1 + (style & 7))

    return Decoder(4, read)


def fixed_text(candidates: tuple[str, ...], pattern: str | None) -> Decoder | None:
    """Decode one of those candidates that match the pattern; None where none does."""
    matches = compile_pattern(pattern).search if pattern else bool
    fitting = tuple(candidate for candidate in candidates if matches(candidate))
    return choice(fitting) if fitting else None


def choice(values: tuple[Any, ...]) -> Decoder:
    """Decode one of some values from one byte, or two where there are over 256."""
    if len(values) > 256:
        return Decoder(2, lambda b, at, _: copy.deepcopy(values[(b[at] << 8 | b[at + 1]) % len(values)]))
    return Decoder(1, lambda b, at, _: copy.deepcopy(values[b[at] % len(values)]))


class Compiler:
    """Compiles the nodes of one schema; ``hooks`` has the sites where a family knows better."""

    _MOST_ITEMS_AT_TOP = 8
    _MOST_ITEMS_BELOW = 4

    def __init__(self, hooks: Mapping[str, Hook] | None = None) -> None:
        self.hooks = hooks or {}

    def compile(self, node: Node, site: str = "$") -> Decoder:
        """Return the decoder of a node, the family's where it has one."""
        hook = self.hooks.get(site)
        return hook(self, node, site) if hook else self.plain(node, site)

    def plain(self, node: Node, site: str) -> Decoder:
        """Return the decoder that the schema alone makes."""
        if node.enum is not None:
            return choice(tuple(node.enum))
        if not node.types:
            return choice(_ANYTHING)
        return self.union([self._typed(type_, node, site) for type_ in node.types])

    def union(self, decoders: list[Decoder]) -> Decoder:
        """Decode one of several kinds; one byte says which."""
        if len(decoders) == 1:
            return decoders[0]
        reads = tuple(decoder.read for decoder in decoders)
        size = 1 + max(decoder.size for decoder in decoders)
        return Decoder(size, lambda b, at, drawing: reads[b[at] % len(reads)](b, at + 1, drawing))

    def _typed(self, type_: str, node: Node, site: str) -> Decoder:
        match type_:
            case "object":
                return self.object(node, site)
            case "array":
                return self.array(node, site)
            case "string":
                return self._string(node)
            case "number":
                return numbers(node.minimum, node.maximum)
            case "integer":
                return _integers(node.minimum, node.maximum)
            case "boolean":
                return choice((False, True))
            case "null":
                return choice((None,))
        raise InvalidArgument(f"unknown type {type_!r} in the schema at {site}")

    def _string(self, node: Node) -> Decoder:
        if node.pattern is None:
            return text()
        # No pool of ours: Hypothesis knows how to match a pattern, at the price of a draw.
        strings = st.from_regex(compile_pattern(node.pattern), alphabet=st.characters(codec="utf-8"))
        return Decoder(0, lambda b, at, drawing: drawing.draw(strings))

    def object(self, node: Node, site: str) -> Decoder:
        """Decode an object: a bit for every optional key, then the values in the schema's order."""
        optional = node.optional
        at = (len(optional) + 7) // 8
        members: list[tuple[str, Decoder, int, int]] = []
        for key, child in node.properties.items():
            decoder = self.compile(child, f"{site}.{key}")
            members.append((key, decoder, at, 1 << optional.index(key) if key in optional else 0))
            at += decoder.size
        undescribed = tuple(key for key in node.required if key not in node.properties)
        bits_size = (len(optional) + 7) // 8

        def read(b: bytes, start: int, drawing: Drawing) -> dict[str, Any]:
            bits = int.from_bytes(b[start : start + bits_size], "little")
            value = {
                key: decoder.read(b, start + offset, drawing)
                for key, decoder, offset, bit in members
                if not bit or bits & bit
            }
            for key in undescribed:
                value[key] = None
            return value

        return Decoder(at, read)

    def array(self, node: Node, site: str) -> Decoder:
        """Decode a list. At the top its length is a draw of its own; below, it is a byte."""
        item = self.compile(node.items or Node(), f"{site}[*]")
        least = node.min_items

        def fill(items: list[Any], length: int, drawing: Drawing) -> list[Any]:
            def later(b: bytes, at: int) -> None:
                items.extend(item.read(b, at + i * item.size, drawing) for i in range(length))

            if length:
                drawing.pending.append((length * item.size, later))
            return items

        if "[" not in site and site.count(".") <= 1:
            bounds = (least, least + self._MOST_ITEMS_AT_TOP)

            def read_top(b: bytes, at: int, drawing: Drawing) -> list[Any]:
                return fill([], drawing.draw(_count(*drawing.counts.get(site, bounds))), drawing)

            return Decoder(0, read_top)
        most = self._MOST_ITEMS_BELOW + 1
        return Decoder(1, lambda b, at, drawing: fill([], least + b[at] % most, drawing))
