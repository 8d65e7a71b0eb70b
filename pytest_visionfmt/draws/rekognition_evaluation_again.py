"""The rules on Rekognition's evaluations a second time: what else is broken after any change to one.

A count that goes missing is one that sums and series lack. So what a change leads to is a matter of the
whole document, and is read off a table of all its counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from statistics import mode
from typing import Any, NamedTuple

from pytest_visionfmt.breaches import Consequence
from pytest_visionfmt.formats.rekognition_cells import (
    ALL,
    IMAGES,
    INPUT,
    KEYS,
    LABELS,
    MODELS,
)
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.schema_refusals import is_of_type

__all__ = [
    "AGGREGATE",
    "CHANGING",
    "DIFFERS",
    "NO_RESULT",
    "ORDER",
    "OVER_ALL",
    "REPEATED",
    "RISING",
    "ROWS",
    "THRESHOLD",
    "TOTAL",
    "TWICE",
    "UNTRAINED",
    "rules_again",
]

# The rules are known here by their codes.
REPEATED, ORDER, TWICE, UNTRAINED, NO_RESULT = "VF530", "VF531", "VF532", "VF533", "VF534"
CHANGING, RISING, TOTAL, AGGREGATE, DIFFERS = "VF535", "VF536", "VF537", "VF538", "VF539"
THRESHOLD, OVER_ALL, ROWS = "ConfidenceThreshold", "AggregatedEvaluationResults", "LabelEvaluationResults"

_LOOKED_AT = (INPUT, ALL, LABELS, IMAGES)
_FOUR = itemgetter(*KEYS)
_FOUND = (0, 2)  # of the four counts, those of images in which the label was found
_WITH, _WITHOUT = (0, 3), (1, 2)  # those of images with the label, and of images without it


class _Cell(NamedTuple):
    """The counts of one model at one threshold."""

    at: Path
    threshold: Any
    counts: tuple[int, ...]


@dataclass(slots=True)
class _Table:
    """What an evaluation says, as far as it has the right shape; the label None stands for all labels."""

    blocks: dict[Path, dict[str, Any]]
    listed: list[tuple[Path, float]] = field(default_factory=list)
    names: dict[Path, dict[Path, str]] = field(default_factory=dict)
    by_label: dict[str | None, list[_Cell]] = field(default_factory=dict)
    by_block: dict[Path, dict[tuple[str | None, str], _Cell]] = field(default_factory=dict)


def rules_again(value: Any, place: Path = ()) -> Iterator[Consequence]:
    """Yield what is broken in an evaluation, whichever change at a place broke it."""
    if not any(place[: len(path)] == path[: len(place)] for path in _LOOKED_AT):
        return
    table = _table(value)
    yield from _of_thresholds(table)
    yield from _of_labels(table, value_at(value, LABELS))
    yield from _of_series(table)
    yield from _of_sums(table, value_at(value, IMAGES))
    yield from _of_input(table)


def _table(value: Any) -> _Table:
    found = value_at(value, ALL)
    blocks: dict[Path, Any] = {INPUT: value_at(value, INPUT)}
    blocks |= {(*ALL, i): block for i, block in enumerate(found if isinstance(found, list) else ())}
    table = _Table({at: block for at, block in blocks.items() if isinstance(block, dict)})
    for at, block in table.blocks.items():
        threshold: Any = block.get(THRESHOLD)
        rows = block.get(ROWS)
        if not is_of_type(threshold, "number"):
            threshold = None
        elif at != INPUT:
            table.listed.append(((*at, THRESHOLD), threshold))
        places: list[tuple[Path, str | None, Any]] = [((*at, OVER_ALL), None, block.get(OVER_ALL))]
        names = table.names[at] = {}
        for i, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, dict) and isinstance(label := row.get("Label"), str):
                places.append(((*at, ROWS, i), label, row))
                names[*at, ROWS, i, "Label"] = label
        own = table.by_block[at] = {}
        for row_at, name, models in places:
            of_label = table.by_label.setdefault(name, [])
            for model in MODELS if isinstance(models, dict) else ():
                if counts := _counts(models.get(model)):
                    own[name, model] = cell = _Cell((*row_at, model), threshold, counts)
                    of_label.append(cell)
    return table


def _counts(value: Any) -> tuple[int, ...]:
    """Return the four counts, none where one of them is no count."""
    try:
        counts: tuple[Any, ...] = _FOUR(value)
    except (KeyError, TypeError):
        return ()
    whole = set(map(type, counts)) == {int} or all(is_of_type(count, "integer") for count in counts)
    return counts if whole and min(counts) >= 0 else ()


def _of_thresholds(table: _Table) -> Iterator[Consequence]:
    numbers = [threshold for _, threshold in table.listed]
    for i, (at, threshold) in enumerate(table.listed):
        if threshold in numbers[:i]:
            yield Consequence(REPEATED, at)
        if i and threshold < numbers[i - 1]:
            yield Consequence(ORDER, at)


def _of_labels(table: _Table, trained: Any) -> Iterator[Consequence]:
    first: dict[str, Path] = {}
    for names in table.names.values():
        own: set[str] = set()
        for at, name in names.items():
            first.setdefault(name, at)
            if name in own:
                yield Consequence(TWICE, at)
            own.add(name)
    for at, block in table.blocks.items():
        if first.keys() - table.names[at].values() and isinstance(block.get(ROWS), list):
            yield Consequence(NO_RESULT, (*at, ROWS))
    if isinstance(trained, list):
        yield from (Consequence(UNTRAINED, at) for name, at in first.items() if name not in trained)
        for i, name in enumerate(trained):
            if table.blocks and isinstance(name, str) and name not in first:
                yield Consequence(NO_RESULT, (*LABELS, i))


def _of_series(table: _Table) -> Iterator[Consequence]:
    listed = {threshold for _, threshold in table.listed}
    for cells in table.by_label.values():
        for a, b in (_WITH, _WITHOUT):
            totals = [cell.counts[a] + cell.counts[b] for cell in cells]
            if len(set(totals)) > 1:
                usual = mode(totals)
                yield from (
                    Consequence(CHANGING, cell.at) for cell, total in zip(cells, totals, strict=True) if total != usual
                )
        for model in MODELS:
            # At a threshold of the list, the results at the input threshold are held to the list's.
            series = [
                cell for cell in cells
                if cell.at[-1] == model and cell.threshold is not None
                and (cell.at[:2] != INPUT or cell.threshold not in listed)
            ]  # fmt: skip
            for low, high in pairwise(sorted(series, key=itemgetter(1))):
                for i in _FOUND:
                    if low.counts[i] < high.counts[i] and low.threshold != high.threshold:
                        yield Consequence(RISING, (*high.at, KEYS[i]))


def _of_sums(table: _Table, images: Any) -> Iterator[Consequence]:
    of_labels = [cell for label, cells in table.by_label.items() if label is not None for cell in cells]
    totals = {sum(cell.counts) for cell in of_labels}
    agreed = totals if len(totals) == 1 else set()
    if is_of_type(images, "number"):
        if agreed and images not in agreed:
            yield Consequence(TOTAL, IMAGES)
        for cell in of_labels if not agreed else ():
            if sum(cell.counts) != images:
                yield Consequence(TOTAL, cell.at)
    of_images = {images, *agreed} if is_of_type(images, "integer") and images >= 0 else set()
    labels = {name for names in table.names.values() for name in names.values()}
    for block, cells in table.by_block.items():
        for model in MODELS:
            over_all = cells.get((None, model))
            parts = [cells[label, model].counts for label in labels if (label, model) in cells]
            if over_all and len(parts) == len(labels) == len(table.names[block]):
                sums = tuple(map(sum, zip(*parts, strict=True))) or (0,) * len(KEYS)
                if over_all.counts != sums and sum(over_all.counts) not in of_images:
                    yield Consequence(AGGREGATE, over_all.at)


def _of_input(table: _Table) -> Iterator[Consequence]:
    asked = table.blocks.get(INPUT, {}).get(THRESHOLD)
    same = next((at[:-1] for at, threshold in table.listed if threshold == asked), None)
    if same and is_of_type(asked, "number"):
        one, other = ({whose: cell.counts for whose, cell in table.by_block[block].items()} for block in (INPUT, same))
        if one != other:
            yield Consequence(DIFFERS, INPUT)
