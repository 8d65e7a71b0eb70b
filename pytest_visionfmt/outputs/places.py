"""Places where an object is that nobody annotated: apart from every object, or much smaller than those around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from hypothesis.errors import InvalidArgument

from pytest_visionfmt.annotations import Box

__all__ = ["Side", "free_place"]

Side: TypeAlias = tuple[float, float, float, float]
"""A side of an outline, from a point to a point."""
_TRIES = 16
_STEP = 0x9E3779B1  # from one cell tried to the next: far apart
_MOST_CELLS = 1 << 16
_SHAPES = ((0.3, 0.3), (0.9, 0.1), (0.1, 0.9), (0.6, 0.15), (0.15, 0.6), (0.2, 0.2), (0.05, 0.05), (0.3, 0.2))
"""Width and height as parts of a cell's: no more than a tenth of its area."""


def free_place(area: Box, sides: Sequence[Side], place: int, shape: int) -> Box:
    """Return a box in an area whose intersection over union with whatever has these sides is at most a tenth.

    The area is cut into ever smaller cells until no side runs through one of those tried. Such a cell is
    all inside an object or all outside, and the box is at most a tenth of it.
    """
    left, top, right, bottom = area
    count = 1
    while count < _MOST_CELLS:
        width, height = (right - left) / count, (bottom - top) / count
        for i in range(min(_TRIES, count * count)):
            row, column = divmod((place * count * count // 0x10000 + i * _STEP) % (count * count), count)
            cell = (left + column * width, top + row * height, left + (column + 1) * width, top + (row + 1) * height)
            if not any(_runs_through(side, cell) for side in sides):
                across, down = _SHAPES[shape % len(_SHAPES)]
                x, y = cell[0] + width * (1 - across) / 2, cell[1] + height * (1 - down) / 2
                return x, y, x + width * across, y + height * down
        count = count * 3 // 2 + 1
    raise InvalidArgument(f"the {len(sides)} sides of the objects leave no place for an extra one")


def _runs_through(side: Side, cell: Box) -> bool:
    """Whether a line has a point inside of a cell; one along its border has none."""
    x, y, to_x, to_y = side
    left, top, right, bottom = cell
    if max(x, to_x) <= left or min(x, to_x) >= right or max(y, to_y) <= top or min(y, to_y) >= bottom:
        return False
    across, down = to_x - x, to_y - y
    # On which side of the line the corners are.
    corners = [across * (b - y) - down * (a - x) for a in (left, right) for b in (top, bottom)]
    return min(corners) < 0 < max(corners)
