"""Where the counts of an evaluation stand: its blocks, one a threshold, and in each the counts of every label."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pytest_visionfmt.json_paths import Path, value_at
from pytest_visionfmt.values import is_number, show

__all__ = ["ALL", "IMAGES", "INPUT", "KEYS", "LABELS", "MODELS", "Block", "Cell", "blocks_of", "is_count", "of_kind"]

INPUT = ("ContentModeration", "InputConfidenceThresholdEvalResults")
ALL = ("ContentModeration", "AllConfidenceThresholdsEvalResults")
LABELS = ("EvaluationDetails", "Labels")
IMAGES = ("EvaluationDetails", "NumberOfTestingImages")
MODELS = ("BaseModel", "Adapter")
KEYS = ("TruePositive", "TrueNegative", "FalsePositive", "FalseNegative")


class Cell(NamedTuple):
    """The four counts of one model, of one label or of all, at one threshold."""

    path: Path
    threshold: float | None
    label: str | None
    model: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """How many images were counted."""
        return sum(self.counts.values())

    @property
    def name(self) -> str:
        """What was counted, in words."""
        return "all labels" if self.label is None else show(self.label)


@dataclass(slots=True)
class Block:
    """The results at one threshold, as far as they have the right shape."""

    path: Path
    value: dict[str, Any]
    threshold: float | None
    labels: list[tuple[Path, str]] = field(default_factory=list)
    rows: list[tuple[Path, str | None, dict[str, Any]]] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        """The counts, made when asked for: half of the rules do without."""
        return [
            Cell((*place, model), self.threshold, name, model, counts)
            for place, name, row in self.rows
            for model in MODELS
            if (counts := _counts(row.get(model)))
        ]


def of_kind(value: Any, path: Path, kind: type) -> Any:
    """Return what stands at a path if it is of a kind, else an empty one."""
    found = value_at(value, path)
    return found if isinstance(found, kind) else kind()


def is_count(value: Any) -> bool:
    """Whether a value can be a number of images."""
    return is_number(value) and value >= 0 and (type(value) is int or value % 1 == 0)


def _counts(value: Any) -> dict[str, int] | None:
    """Return the four counts of a value, None unless all four are counts."""
    if not isinstance(value, dict):
        return None
    counts = {}
    for key in KEYS:
        count: Any = value.get(key)
        if not is_count(count):
            return None
        counts[key] = int(count)
    return counts


def _block(path: Path, value: dict[str, Any]) -> Block:
    threshold = value.get("ConfidenceThreshold")
    block = Block(path, value, threshold if is_number(threshold) else None)
    total = of_kind(value, ("AggregatedEvaluationResults",), dict)
    block.rows.append(((*path, "AggregatedEvaluationResults"), None, total))
    for i, row in enumerate(of_kind(value, ("LabelEvaluationResults",), list)):
        if isinstance(row, dict) and isinstance(label := row.get("Label"), str):
            place = (*path, "LabelEvaluationResults", i)
            block.labels.append(((*place, "Label"), label))
            block.rows.append((place, label, row))
    return block


def blocks_of(value: Any) -> list[Block]:
    """Return the block of the input threshold, where there is one, and then those of the list."""
    found: list[tuple[Path, Any]] = [(INPUT, value_at(value, INPUT))]
    found += [((*ALL, i), item) for i, item in enumerate(of_kind(value, ALL, list))]
    return [_block(path, item) for path, item in found if isinstance(item, dict)]
