"""Our JSON Schema subset to strategies: a schema is compiled into decoders of bytes.

What costs in Hypothesis is the number of draws, not of bytes. So each subschema knows how many
bytes it needs and how to read a value from them, and a record is one draw for its head, one for
each count at the top, and one for each level of nesting below. All bytes zero is the simplest
value there is, which is what makes records shrink well. A family hooks in where a schema cannot
say enough: ``hooks`` maps a site to a function that makes the decoder there.

The bytes come from one ``st.randoms`` and not from several ``st.binary``: where one example holds
two draws of one strategy, Hypothesis tries what happens if they are equal, and that doubles what a
record costs. A count stands apart from the bytes that it counts: so Hypothesis can take items away,
from the end or from the beginning, without touching the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from random import Random
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.json_paths import INSIDE, MISSING, site_of
from pytest_visionfmt.schema_nodes import Node, compile_pattern
from pytest_visionfmt.value_decoders import (
    ANYTHING,
    Decoder,
    Drawing,
    choice,
    given,
    in_blocks,
    integers,
    numbers,
    text,
)

__all__ = ["Compiler", "Hook", "always", "decode_record", "from_one_source", "make_unique"]

Hook: TypeAlias = Callable[["Compiler", Node, str], Decoder]

_SOURCE = st.randoms(use_true_random=False)
_QUOTED = re.compile(r"\['(?:[^'\\]|\\.)*'\]")
_Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]


def decode_record(decoder: Decoder, draw: _Draw) -> Any:
    """Return one value of the decoder, drawing level by level."""
    return _decode(decoder, draw, draw(_SOURCE))


def from_one_source(draw: _Draw) -> _Draw:
    """Return what draws as ``draw`` does, but all records of one example from one source of bytes."""
    source = draw(_SOURCE)
    return lambda strategy: source if strategy is _SOURCE else draw(strategy)


def _decode(decoder: Decoder, draw: _Draw, source: Random) -> Any:
    drawing = Drawing(draw, source)
    value = decoder.read(source.randbytes(decoder.size) if decoder.size else b"", 0, drawing)
    while drawing.pending:
        level, drawing.pending = drawing.pending, []
        total = sum([size for size, _ in level])
        buffer = source.randbytes(total) if total else b""
        at = 0
        for size, read in level:
            read(buffer, at)
            at += size
    for mend in drawing.finish:
        mend()
    return value


def always(decoder: Decoder) -> Hook:
    """Return the hook that has this decoder stand at its site, whatever the schema says of it."""
    return lambda compiler, node, site: decoder


class Compiler:
    """Compiles the nodes of one schema.

    ``hooks`` has the sites where a family knows better, ``counts`` the sites of lists whose length
    the user bounds.
    """

    _MOST_ITEMS_AT_TOP = 8
    _MOST_ITEMS_BELOW = 4
    _FEW_BYTES = 16

    def __init__(
        self,
        hooks: Mapping[str, Hook] | None = None,
        counts: Mapping[str, tuple[int, int]] | None = None,
    ) -> None:
        self.hooks = hooks or {}
        self.counts = counts or {}

    def compile(self, node: Node, site: str = "$") -> Decoder:
        """Return the decoder of a node, the family's where it has one."""
        hook = self.hooks.get(site)
        return hook(self, node, site) if hook else self.plain(node, site)

    def plain(self, node: Node, site: str) -> Decoder:
        """Return the decoder that the schema alone makes."""
        if node.enum is not None:
            return choice(node.enum)
        if not node.types:
            return choice(ANYTHING)
        return self.union([self._typed(type_, node, site) for type_ in node.types])

    def union(self, decoders: Sequence[Decoder]) -> Decoder:
        """Decode one of several kinds, the first being the simplest; one byte says which."""
        if len(decoders) == 1:
            return decoders[0]
        reads = in_blocks([decoder.read for decoder in decoders])
        size = 1 + max(decoder.size for decoder in decoders)
        return Decoder(size, lambda b, at, drawing: reads[b[at]](b, at + 1, drawing))

    def _typed(self, type_: str, node: Node, site: str) -> Decoder:
        match type_:
            case "object":
                return self.object(node, site)
            case "array":
                return self.array(node, site)
            case "string":
                return self._string(node, site)
            case "number":
                return numbers(node.minimum, node.maximum)
            case "integer":
                return integers(node.minimum, node.maximum)
            case "boolean":
                return choice((False, True))
            case "null":
                return choice((None,))
        raise InvalidArgument(f"unknown type {type_!r} in the schema at {site}")

    def _string(self, node: Node, site: str) -> Decoder:
        longest = node.max_length
        if node.content:
            return self._json(node.content, f"{site}{INSIDE.value}")
        if node.pattern is None:
            return text() if longest is None else text(lambda string: string[:longest])
        # No pool of ours: Hypothesis knows how to match a pattern, at the price of a draw.
        strings = st.from_regex(compile_pattern(node.pattern), alphabet=st.characters(codec="utf-8"))
        return given(strings if longest is None else strings.filter(lambda string: len(string) <= longest))

    def _json(self, content: Node, site: str) -> Decoder:
        """Decode a string that holds JSON: a value of its own, with draws of its own, written in one of two ways."""
        decoder = self.compile(content, site)

        def read(b: bytes, at: int, drawing: Drawing) -> str:
            value = _decode(decoder, drawing.draw, drawing.source)
            if b[at] < 128:
                return json.dumps(value)
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

        return Decoder(1, read)

    def object(self, node: Node, site: str) -> Decoder:
        """Decode an object: a bit for every optional key, then the values in the schema's order."""
        optional = node.optional
        bits_size = (len(optional) + 7) // 8
        at = bits_size
        members: list[tuple[str, Callable[[bytes, int, Drawing], Any], int, int]] = []
        for key, child in node.properties.items():
            size, read_member = self.compile(child, f"{site}{site_of((key,))[1:]}")
            members.append((key, read_member, at, 1 << optional.index(key) if key in optional else 0))
            at += size
        undescribed = dict.fromkeys(key for key in node.required if key not in node.properties)

        def read(b: bytes, start: int, drawing: Drawing) -> dict[str, Any]:
            bits = int.from_bytes(b[start : start + bits_size], "little")
            value = {
                key: read_member(b, start + offset, drawing)
                for key, read_member, offset, bit in members
                if not bit or bits & bit
            }
            if undescribed:
                value.update(undescribed)
            return value

        return Decoder(at, read)

    def array(self, node: Node, site: str, lengths: Sequence[int] | None = None) -> Decoder:
        """Decode a list. At the top its length is a draw of its own; below, it is a byte.

        ``lengths`` are those to choose from, the first being the simplest. A short list below the top
        is read where it stands; of others, the items are read with the next level of nesting.
        """
        item = self.compile(node.items or Node(), f"{site}[*]")
        decoder = self._list(item, self.bounds(node, site), lengths, _is_top(site))
        if not node.unique_items:
            return decoder
        whole = node.items is None or {"array", "object"}.isdisjoint(node.items.types)

        def read(b: bytes, at: int, drawing: Drawing) -> list[Any]:
            items: list[Any] = decoder.read(b, at, drawing)
            drawing.finish.append(lambda: make_unique(items, item, drawing, replace=whole))
            return items

        return Decoder(decoder.size, read)

    def _list(self, item: Decoder, bounds: tuple[int, int], lengths: Sequence[int] | None, top: bool) -> Decoder:
        size, read_item = item
        least, most = bounds

        def offsets(at: int, length: int) -> Iterable[int]:
            return range(at, at + length * size, size) if size else repeat(at, length)

        def fill(length: int, drawing: Drawing) -> list[Any]:
            items: list[Any] = []
            if length:
                drawing.pending.append(
                    (length * size, lambda b, at: items.extend([read_item(b, i, drawing) for i in offsets(at, length)]))
                )
            return items

        if lengths is None and top:
            return Decoder(0, lambda b, at, drawing: fill(drawing.source.randint(least, most), drawing))
        table = in_blocks(lengths or range(least, most + 1))
        room = max(table) * size
        if room <= self._FEW_BYTES:
            return Decoder(
                1 + room,
                lambda b, at, drawing: [read_item(b, i, drawing) for i in offsets(at + 1, table[b[at]])],
            )
        return Decoder(1, lambda b, at, drawing: fill(table[b[at]], drawing))

    def bounds(self, node: Node, site: str) -> tuple[int, int]:
        """Return the fewest and the most items of a list: the one place that says how long lists are."""
        if asked := self.counts.get(site):
            return asked
        most = node.min_items + (self._MOST_ITEMS_AT_TOP if _is_top(site) else self._MOST_ITEMS_BELOW)
        return node.min_items, most if node.max_items is None else min(most, node.max_items)


def _is_top(site: str) -> bool:
    """Whether a site is the value itself or a member of it, be it the whole text or JSON in a string."""
    steps = _QUOTED.sub(".", site.rpartition(INSIDE.value)[2].removeprefix("$"))
    return "[" not in steps and steps.count(".") <= 1


def make_unique(items: list[Any], item: Decoder, drawing: Drawing, *, replace: bool) -> None:
    """Have no two items that JSON takes for equal: others stand for repeated ones, or nothing where parts would."""
    others = iter([item.read(bytes([byte]) * item.size, 0, drawing) for byte in range(256 if replace else 0)])
    seen: set[Any] = set()
    kept = []
    for value in items:
        found: Any = value
        while (key := _key(found)) in seen and found is not MISSING:
            found = next(others, MISSING)
        if found is not MISSING:
            seen.add(key)
            kept.append(found)
    items[:] = kept


def _key(value: Any) -> Any:
    """Return what is equal for values that JSON takes for equal: 1 and 1.0 are, 1 and true are not."""
    match value:
        case bool():
            return ("boolean", value)
        case list():
            return ("list", *map(_key, value))
        case dict():
            return frozenset((key, _key(item)) for key, item in value.items())
    return value
