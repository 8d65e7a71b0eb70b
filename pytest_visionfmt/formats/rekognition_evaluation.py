"""The rules of Rekognition's evaluation document: what its counts have to do with each other.

The page says which thresholds there are. The rest follows from what the counts mean: the images and
their ground truth are the same for both models and at every threshold, and who asks for more
confidence finds no more labels. AWS does not say so, and these rules warn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from pytest_visionfmt.format import Hit, Record, Rule
from pytest_visionfmt.formats.rekognition_cells import (
    ALL,
    IMAGES,
    INPUT,
    KEYS,
    LABELS,
    MODELS,
    Block,
    Cell,
    blocks_of,
    is_count,
    of_kind,
)
from pytest_visionfmt.formats.rekognition_verdicts import PAGE, error, warning
from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.values import is_number, show

__all__ = ["EVALUATION_RULES"]

_TP, _TN, _FP, _FN = KEYS


def _thresholds(value: Any) -> Iterator[tuple[Path, float]]:
    for i, item in enumerate(of_kind(value, ALL, list)):
        threshold: Any = item.get("ConfidenceThreshold") if isinstance(item, dict) else None
        if is_number(threshold):
            yield (*ALL, i, "ConfidenceThreshold"), threshold


def _cells(value: Any) -> list[Cell]:
    return [cell for block in blocks_of(value) for cell in block.cells]


def _series(value: Any) -> dict[str | None, list[Cell]]:
    """Return the cells of every label, and under None those of all labels, over all blocks."""
    series: dict[str | None, list[Cell]] = {}
    for cell in _cells(value):
        series.setdefault(cell.label, []).append(cell)
    return series


# The rules, each as the function that finds it broken.


def _repeated_threshold(value: Any) -> Iterator[Hit]:
    first: dict[float, Path] = {}
    for path, threshold in _thresholds(value):
        if first.setdefault(threshold, path) != path:
            yield Hit(path, f"threshold {show(threshold)} stands in the list already, as item {first[threshold][-2]}")


def _threshold_order(value: Any) -> Iterator[Hit]:
    last = None
    for path, threshold in _thresholds(value):
        if last is not None and threshold < last:
            yield Hit(path, f"threshold {show(threshold)} comes after {show(last)}")
        last = threshold


def _repeated_result(value: Any) -> Iterator[Hit]:
    for block in blocks_of(value):
        first: dict[str, Path] = {}
        for path, label in block.labels:
            if first.setdefault(label, path) != path:
                yield Hit(path, f"there are results for {show(label)} already, item {first[label][-2]}")


def _untrained_label(value: Any) -> Iterator[Hit]:
    trained = value_at(value, LABELS)
    seen: set[str] = set()
    if isinstance(trained, list):
        for block in blocks_of(value):
            for path, label in block.labels:
                if label not in trained and label not in seen:
                    seen.add(label)
                    yield Hit(path, f"{show(label)} is not among the labels that the adapter was trained on")


def _missing_result(value: Any) -> Iterator[Hit]:
    blocks = blocks_of(value)
    anywhere = list(dict.fromkeys(label for block in blocks for _, label in block.labels))
    for block in blocks:
        own = {label for _, label in block.labels}
        if isinstance(block.value.get("LabelEvaluationResults"), list):
            for label in anywhere:
                if label not in own:
                    yield Hit((*block.path, "LabelEvaluationResults"), f"there is no result for {show(label)} here")
    for i, label in enumerate(of_kind(value, LABELS, list) if blocks else ()):
        if isinstance(label, str) and label not in anywhere:
            yield Hit((*LABELS, i), f"there is no result for {show(label)} anywhere")


def _changing_totals(value: Any) -> Iterator[Hit]:
    for cells in _series(value).values():
        for one, other, what in ((_TP, _FN, "with the label"), (_FP, _TN, "without it")):
            totals = [cell.counts[one] + cell.counts[other] for cell in cells]
            [(usual, _)] = Counter(totals).most_common(1)
            for cell, total in zip(cells, totals, strict=True):
                if total != usual:
                    message = f"{one} + {other} of {cell.name} is {total} here and {usual} elsewhere"
                    yield Hit(cell.path, f"{message}; the images {what} are the same for every model and threshold")


def _rising_positives(value: Any) -> Iterator[Hit]:
    listed = {threshold for _, threshold in _thresholds(value)}
    for cells in _series(value).values():
        for model in MODELS:
            own = [
                (cell.threshold, cell)
                for cell in cells
                if cell.model == model
                and cell.threshold is not None
                # Another rule compares the input threshold with the same one in the list.
                and (cell.path[: len(INPUT)] != INPUT or cell.threshold not in listed)
            ]
            own.sort(key=lambda pair: pair[0])
            for (low, before), (high, cell) in pairwise(own):
                for key in (_TP, _FP) if low < high else ():
                    if cell.counts[key] > before.counts[key]:
                        message = f"{key} of {cell.name} is {cell.counts[key]} at threshold {show(high)}"
                        yield Hit((*cell.path, key), f"{message} and {before.counts[key]} at the lower {show(low)}")


def _usual_total(cells: Iterable[Cell]) -> int | None:
    """Return what the counts of every label add up to, None unless they agree."""
    totals = {cell.total for cell in cells if cell.label is not None}
    return totals.pop() if len(totals) == 1 else None


def _other_total(value: Any) -> Iterator[Hit]:
    images = value_at(value, IMAGES)
    if not is_number(images):
        return
    cells = _cells(value)
    usual = _usual_total(cells)
    if usual is not None:  # said once, where it is most likely wrong
        if usual != images:
            yield Hit(IMAGES, f"{show(images)} testing images, and the counts of every label add up to {usual}")
        return
    for cell in cells:
        if cell.label is not None and cell.total != images:
            yield Hit(cell.path, f"the counts of {cell.name} add up to {cell.total}; {show(images)} images were tested")


def _other_aggregate(value: Any) -> Iterator[Hit]:
    images = value_at(value, IMAGES)
    blocks = [(block, block.cells) for block in blocks_of(value)]
    usual = _usual_total(cell for _, cells in blocks for cell in cells)
    totals = {images, usual} if is_count(images) else set()
    everywhere = {label for block, _ in blocks for _, label in block.labels}
    for block, cells in blocks:
        if len(block.labels) != len(everywhere) or {label for _, label in block.labels} != everywhere:
            continue  # sums of what is not all there say nothing
        for cell in cells:
            if cell.label is not None or cell.total in totals:
                continue
            parts = [part for part in cells if part.label is not None and part.model == cell.model]
            if len(parts) != len(everywhere):
                continue
            sums = {key: sum(part.counts[key] for part in parts) for key in KEYS}
            if cell.counts != sums:
                listed = ", ".join(f"{key} {count}" for key, count in sums.items())
                yield Hit(cell.path, f"neither the sums over the labels ({listed}), nor counts of the testing images")


def _input_differs(value: Any) -> Iterator[Hit]:
    blocks = blocks_of(value)
    if not blocks or blocks[0].path != INPUT:
        return
    for block in blocks[1:]:
        if block.threshold is not None and block.threshold == blocks[0].threshold:
            if _comparable(block) != _comparable(blocks[0]):
                message = f"not what item {block.path[-1]} of {ALL[-1]} says of the same threshold"
                yield Hit(INPUT, f"{message}, {show(block.threshold)}")
            return


def _comparable(block: Block) -> dict[tuple[str | None, str], dict[str, int]]:
    return {(cell.label, cell.model): cell.counts for cell in block.cells}


_INFERRED = "inferred from what the counts mean; the page does not say so"


def _rule(code: str, name: str, title: str, find: Callable[[Any], Iterator[Hit]], says: str = _INFERRED) -> Rule:
    return Rule(code, name, title, PAGE, warning(says), Record(find))


EVALUATION_RULES = (
    Rule(
        "VF530", "repeated-threshold", "Two entries of the list of all thresholds have the same threshold.", PAGE,
        error("the page says that the threshold ranges from 5 to 100 in steps of 5"), Record(_repeated_threshold),
    ),
    _rule(
        "VF531", "threshold-order", "The list of all thresholds is not in rising order.", _threshold_order,
        "inferred: the page does not say in which order the thresholds stand",
    ),
    _rule("VF532", "repeated-result", "One block has results for the same label twice.", _repeated_result),
    _rule(
        "VF533", "untrained-label", "There are results for a label that the adapter was not trained on.",
        _untrained_label,
    ),
    _rule("VF534", "missing-result", "A label has no results, or not at every threshold.", _missing_result),
    _rule(
        "VF535", "changing-totals", "The images with a label, or those without it, change with model or threshold.",
        _changing_totals,
    ),
    _rule(
        "VF536", "rising-positives", "A model finds more at a higher threshold than at a lower one.",
        _rising_positives,
    ),
    _rule(
        "VF537", "other-total", "The counts of a label do not add up to the number of testing images.", _other_total,
        f"{_INFERRED}, and some images may not have been tested",
    ),
    _rule(
        "VF538", "other-aggregate", "Counts over all labels are neither sums over the labels nor counts of images.",
        _other_aggregate,
        "inferred: the page does not say how the counts over all labels are made; these two ways are taken",
    ),
    _rule(
        "VF539", "input-differs", "The results at the input threshold are not those of the list's same threshold.",
        _input_differs,
    ),
)  # fmt: skip
