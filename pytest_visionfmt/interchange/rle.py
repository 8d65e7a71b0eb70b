"""Run-length encoded masks of COCO: their pixels, and the outline that bounds them exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

__all__ = ["column_runs", "compressed", "counts_of", "outline", "rectangle"]

_CHARACTER_BITS, _SIGN, _MORE, _FIRST = 5, 0x10, 0x20, 48
Point = tuple[int, int]


def counts_of(counts: Sequence[int] | str) -> list[int]:
    """Return the lengths of the runs, whether given as a list or as COCO's compressed text.

    A character holds five bits of a number, the lowest first; from the third run on, the number is the
    difference to the run before the last (cocoapi, common/maskApi.c, rleFrString).
    """
    if not isinstance(counts, str):
        return list(counts)
    runs: list[int] = []
    number = shift = 0
    for character in counts:
        bits = ord(character) - _FIRST
        number |= (bits & 0x1F) << shift
        shift += _CHARACTER_BITS
        if bits & _MORE:
            continue
        if bits & _SIGN:
            number -= 1 << shift
        runs.append(number + runs[-2] if len(runs) > 2 else number)
        number = shift = 0
    if shift:
        raise ValueError(f"the compressed counts {counts!r} end inside a number")
    return runs


def column_runs(counts: Sequence[int], height: int) -> Iterator[tuple[int, int, int]]:
    """Yield (x, top, bottom) for each vertical run of pixels that are set; bottom is the first beyond."""
    position = 0
    for i, length in enumerate(counts):
        if i % 2:
            start, end = position, position + length
            while start < end:
                x, top = divmod(start, height)
                bottom = min(height, top + end - start)
                yield x, top, bottom
                start += bottom - top
        position += length


def rectangle(left: int, top: int, right: int, bottom: int, width: int, height: int) -> list[int]:
    """Return the uncompressed counts of a rectangle in an image of a size."""
    tall = bottom - top
    counts = [left * height + top]
    for _ in range(right - left - 1):
        counts += [tall, height - tall]
    counts += [tall, (width - right) * height + height - bottom]
    return _merged(counts)


def _merged(counts: list[int]) -> list[int]:
    """Return the counts without runs of no pixel inside, which others would not write."""
    values = [(i % 2, length) for i, length in enumerate(counts) if length]
    runs = [(value, sum(length for _, length in group)) for value, group in groupby(values, lambda run: run[0])]
    return [*([0] if runs and runs[0][0] else []), *(length for _, length in runs)]


def outline(counts: Sequence[int], height: int) -> list[list[int]]:
    """Return the edge of a mask as closed polygons ``x1, y1, x2, y2, ...``; a hole is one of them too.

    Filled by the even-odd rule, they are the mask to the pixel.
    """
    edges: dict[Point, list[Point]] = {}
    for start, end in _edges(counts, height):
        edges.setdefault(start, []).append(end)
    polygons = []
    while edges:
        start = min(edges)
        point, loop = start, []
        while True:
            loop.append(point)
            ends = edges[point]
            following = ends.pop()
            if not ends:
                del edges[point]
            point = following
            if point == start:
                break
        polygons.append([coordinate for corner in _corners(loop) for coordinate in corner])
    return polygons


def _edges(counts: Sequence[int], height: int) -> Iterator[tuple[Point, Point]]:
    """Yield the edges between a pixel that is set and one that is not, the mask always at one hand."""
    columns: dict[int, list[tuple[int, int]]] = {}
    for x, top, bottom in column_runs(counts, height):
        columns.setdefault(x, []).append((top, bottom))
        yield (x, top), (x + 1, top)
        yield (x + 1, bottom), (x, bottom)
    for x in columns.keys() | {x + 1 for x in columns}:
        here, before = columns.get(x, []), columns.get(x - 1, [])
        for top, bottom in _minus(here, before):
            yield (x, bottom), (x, top)
        for top, bottom in _minus(before, here):
            yield (x, top), (x, bottom)


def _minus(runs: list[tuple[int, int]], others: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for top, bottom in runs:
        for other_top, other_bottom in others:
            if other_bottom <= top or other_top >= bottom:
                continue
            if other_top > top:
                yield top, other_top
            top = max(top, other_bottom)
            if top >= bottom:
                break
        if top < bottom:
            yield top, bottom


def _corners(loop: list[Point]) -> list[Point]:
    """Return the points of a loop where it turns."""
    around = zip([loop[-1], *loop], loop, [*loop[1:], loop[0]], strict=False)
    return [p for a, p, b in around if (p[0] - a[0]) * (b[1] - p[1]) != (p[1] - a[1]) * (b[0] - p[0])]


def compressed(counts: Sequence[int]) -> str:
    """Return counts as COCO's text, which ``counts_of`` reads (cocoapi, common/maskApi.c, rleToString)."""
    text = []
    for i, count in enumerate(counts):
        number = count - counts[i - 2] if i > 2 else count
        more = True
        while more:
            bits = number & 0x1F
            number >>= _CHARACTER_BITS
            more = number != (-1 if bits & _SIGN else 0)
            text.append(chr((bits | _MORE if more else bits) + _FIRST))
    return "".join(text)
