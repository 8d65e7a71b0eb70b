"""Drawing boxes and outlines: corners in order, an even number of coordinates, an area."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, inf, nextafter
from struct import Struct
from typing import Any, NamedTuple

from hypothesis.errors import InvalidArgument

from pytest_visionfmt.geometry import bounds
from pytest_visionfmt.schema_nodes import Node
from pytest_visionfmt.schema_strategies import Compiler, always
from pytest_visionfmt.value_decoders import Decoder, Drawing, in_blocks, look_up, number_table

__all__ = ["Axis", "axes_of", "box", "outline", "range_of", "respelling", "segment", "segments"]

_CORNERS = (("topX", "bottomX"), ("topY", "bottomY"))
# The whole width has eight shares: a box that is the whole image needs it twice.
# 0.001 stands before what is a little more and again before what is less, so that a thin box shrinks to it.
_WIDTHS = (
    *[1.0] * 8, 0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875, 0.1, 1 / 3, 0.1 + 0.2, 0.17234468937875752, 1,
    0.995, 0.999, 1 - 2.0**-53, 0.001, 0.0049, 0.005, 0.0051, 0.01, 0.001, 0.0049, 1e-9, 2.0**-53, 1e-320, 5e-324,
)  # fmt: skip


class Axis(NamedTuple):
    """The two keys that bound a box along one axis, and the numbers that both may have."""

    low: str
    high: str
    least: float
    most: float


def axes_of(node: Node) -> list[Axis]:
    """Return the axes of a box, as the schema bounds their coordinates."""
    axes = []
    for low, high in _CORNERS:
        pair = [node.properties[key] for key in (low, high) if key in node.required and key in node.properties]
        if len(pair) < 2:
            continue
        least = max((float(n.minimum) for n in pair if n.minimum is not None), default=0.0)
        most = min((float(n.maximum) for n in pair if n.maximum is not None), default=max(1.0, least + 1))
        if least >= most:
            raise InvalidArgument(f"the schema leaves no room between {low} and {high}: {least} to {most}")
        axes.append(Axis(low, high, least, most))
    return axes


def box(compiler: Compiler, node: Node, site: str) -> Decoder:
    """A box whose corners are in order: of an axis, one number is read as the width and one as the position.

    So a box shrinks without another coming out: a thin one stays thin while it moves to 0.
    """
    axes = axes_of(node)
    hooks = dict(compiler.hooks)
    for axis in axes:
        hooks[f"{site}.{axis.low}"] = always(look_up(number_table(0, 1)))
        hooks[f"{site}.{axis.high}"] = always(look_up(number_table(0, 1, _WIDTHS)))
    size, read_object = Compiler(hooks, compiler.counts).object(node, site)
    styles, respell = respelling(node, axes, stretch=True)

    def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
        box: dict[str, Any] = read_object(b, at, drawing)
        for low, high, least, most in axes:
            box[low], box[high] = _span(least, most, box[low], box[high])
        if styles:
            respell(box, b, at + size)
        return box

    return Decoder(size + styles, read)


def _span(least: float, most: float, position: float, width: float) -> tuple[float, float]:
    """Return where a span of that width begins and ends, the first as far in as the position says: 0 to 1.

    An end of the range is written as the integer 0 or 1 was that led there.
    """
    if width == 1:
        return _like(width, least), _like(width, most)
    extent = (most - least) * width
    start = _like(position, least) if position == 0 else least + (most - least - extent) * position
    end = _like(position, most) if position == 1 else min(start + extent, most)
    if end > start:
        return start, end
    return (start, nextafter(start, inf)) if start < most else (nextafter(most, -inf), end)


def _like(number: float, end: float) -> float:
    return int(end) if isinstance(number, int) and end.is_integer() else end


def respelling(
    node: Node, axes: list[Axis], *, stretch: bool = False
) -> tuple[int, Callable[[dict[str, Any], bytes, int], None]]:
    """Return how many bytes it takes, and what writes some coordinates as the strings and booleans
    that the reader passes through ``float()``; no bytes where the schema has numbers alone.

    A boolean says 0 or 1; ``stretch`` lets it move the corner of a box there.
    """
    ends = [(key, end) for axis in axes for key, end in ((axis.low, axis.least), (axis.high, axis.most))]
    spelt = [
        (key, "string" in node.properties[key].types, "boolean" in node.properties[key].types and end in (0, 1), end)
        for key, end in ends
    ]

    def respell(box: dict[str, Any], b: bytes, at: int) -> None:
        if b[at] <= 160:
            return
        stretches, styles = stretch and b[at] > 224, b[at + 1]
        for key, string, boolean, end in spelt:
            style, styles = styles & 3, styles >> 2
            if style == 3 and boolean and (box[key] == end or stretches):
                box[key] = bool(end)
            elif style and string:
                box[key] = f" {box[key]!r} " if style == 2 else repr(box[key])

    return 2 * any(string or boolean for _, string, boolean, _ in spelt), respell


def outline(compiler: Compiler, node: Node, site: str) -> Decoder:
    """An object whose outline has an area."""
    size, read_object = compiler.object(node, site)
    low, high = range_of(node.at(("polygon", 0, 0)) or Node())

    def read(b: bytes, at: int, drawing: Drawing) -> dict[str, Any]:
        item: dict[str, Any] = read_object(b, at, drawing)
        drawing.finish.append(lambda: _give_area(item["polygon"], low, high))
        return item

    return Decoder(size, read)


def _give_area(polygon: list[list[float]], low: float, high: float) -> None:
    if not polygon or len(polygon[0]) < 6:
        return  # a mask that the service wrote as nothing, or as a line
    left, top, right, bottom = bounds(polygon)
    if left == right or top == bottom:
        polygon[0][:6] = [low, low, high, low, high, high]


def range_of(node: Node) -> tuple[float, float]:
    """Return the smallest and the largest coordinate that a schema allows, 0 and 1 where it does not say."""
    low = float(node.minimum if node.minimum is not None else 0)
    return low, float(node.maximum if node.maximum is not None else max(1.0, low + 1))


def segments(compiler: Compiler, node: Node, site: str) -> Decoder:
    """Mostly one segment, sometimes a few."""
    fewest = max(1, node.min_items)
    return compiler.array(node, site, lengths=[fewest] * 6 + [fewest + 1, fewest + 2])


def segment(compiler: Compiler, node: Node, site: str) -> Decoder:
    """An even number of coordinates, at least a triangle's; mostly few, sometimes over a hundred points."""
    table = number_table(*range_of(node.items or Node()))
    fewest = max(3, ceil(node.min_items / 2))
    points = [fewest + more for more in (*in_blocks(range(38), 252), *[120] * 4)]
    layouts = {number: Struct(f">{2 * number}H") for number in points}

    def read(b: bytes, at: int, drawing: Drawing) -> list[float]:
        segment: list[float] = []
        layout = layouts[points[b[at]]]
        drawing.pending.append(
            (layout.size, lambda b, at: segment.extend([table[u] for u in layout.unpack_from(b, at)]))
        )
        return segment

    return Decoder(1, read)
