"""What an evaluation counts: from how surely models found a label, on images that have it and on others.

A label counts as found where its confidence is at least the threshold, as the API has it: labels of a
confidence lower than the one asked for are not returned.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

__all__ = ["AGGREGATES", "Counts", "Curve", "Recount", "Scores", "by_image", "curves", "sums"]

AGGREGATES = ("labels", "images")
"""How counts over all labels may be made: as sums over the labels, or as counts of images."""

Counts: TypeAlias = tuple[int, int, int, int]
"""True positives, true negatives, false positives, false negatives."""

Curve: TypeAlias = Sequence[Counts]
"""The counts at every threshold, the thresholds rising."""


class Scores(NamedTuple):
    """How surely one model found one label: (confidence, how many images), those that have the label and others.

    An image that is in neither list is one where the label was not found at all.
    """

    on_images_with: Iterable[tuple[float, int]] = ()
    on_others: Iterable[tuple[float, int]] = ()


def curves(thresholds: Sequence[float], having: int, images: int, scores: Mapping[str, Scores]) -> dict[str, Curve]:
    """Return the counts of a label at every threshold by model; ``having`` of all ``images`` have the label."""
    return {
        model: [
            (true, images - having - false, false, having - true)
            for true, false in zip(
                _found(thresholds, found.on_images_with), _found(thresholds, found.on_others), strict=True
            )
        ]
        for model, found in scores.items()
    }


def _found(thresholds: Sequence[float], groups: Iterable[tuple[float, int]]) -> list[int]:
    """Return how many images reach each threshold."""
    steps = [0] * (len(thresholds) + 1)
    for confidence, count in groups:
        steps[bisect_right(thresholds, confidence)] += count
    return list(accumulate(reversed(steps[1:])))[::-1]


def sums(labels: Sequence[Curve], length: int) -> Curve:
    """Return the counts over all labels as their sums, one for each of ``length`` thresholds."""
    return [_sum([curve[i] for curve in labels]) for i in range(length)]


def _sum(counts: Sequence[Counts]) -> Counts:
    a, b, c, d = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0, 0)
    return a, b, c, d


def by_image(labels: Sequence[Curve], images: int, length: int) -> Curve:
    """Return the counts over all labels as counts of images: unsafe ones, and those where any label was found.

    What is counted for each label does not say which images they were. Here they overlap as far as they
    can: those with a label are the first images, and those where it was found wrongly the last ones.
    """
    unsafe = max((curve[0][0] + curve[0][3] for curve in labels), default=0)
    found = []
    for i in range(length):
        first = max((curve[i][0] for curve in labels), default=0)
        last = images - max((curve[i][2] for curve in labels), default=0)
        true = first + max(0, unsafe - max(first, last))
        false = images - max(unsafe, last)
        found.append((true, images - unsafe - false, false, unsafe - true))
    return found


class Recount:
    """Counts image after image how often models are right about some labels, at thresholds that rise.

    Memory does not grow with the images. What is found of other labels counts for nothing.
    """

    def __init__(self, labels: Iterable[str], thresholds: Sequence[float], models: Sequence[str]) -> None:
        self.labels = tuple(labels)
        self.thresholds = thresholds
        self.models = models
        self.images = 0
        self.at_threshold: Counter[tuple[str, float]] = Counter()
        """By model and threshold, how often a label was found with exactly that confidence."""
        self._having: Counter[str | None] = Counter()
        self._found: dict[tuple[str | None, str, bool], Counter[int]] = {}

    def add(self, names: Collection[str], found: Mapping[str, Mapping[str, float]]) -> None:
        """Take an image: the labels that it has, and by model how surely each label was found."""
        self.images += 1
        here = {name for name in names if name in self.labels}
        self._having.update(here)
        self._having[None] += bool(here)
        for model, sure in found.items():
            of_any = [sure[label] for label in self.labels if label in sure]
            for label in self.labels:
                if label in sure:
                    self._note(label, model, label in here, sure[label])
                    if sure[label] in self.thresholds:
                        self.at_threshold[model, sure[label]] += 1
            if of_any:
                self._note(None, model, bool(here), max(of_any))

    def _note(self, label: str | None, model: str, has: bool, confidence: float) -> None:
        if reached := bisect_right(self.thresholds, confidence):
            self._found.setdefault((label, model, has), Counter())[reached - 1] += 1

    def of_label(self, label: str | None) -> dict[str, Curve]:
        """Return the counts of a label by model; of None those of images that are unsafe or safe."""
        scores = {model: Scores(*(self._groups(label, model, has) for has in (True, False))) for model in self.models}
        return curves(self.thresholds, self._having[label], self.images, scores)

    def _groups(self, label: str | None, model: str, has: bool) -> list[tuple[float, int]]:
        return [(self.thresholds[i], count) for i, count in self._found.get((label, model, has), Counter()).items()]

    def over_all(self, aggregate: str) -> dict[str, Curve]:
        """Return the counts over all labels by model: their sums, or counts of ``"images"``."""
        if aggregate == "images":
            return self.of_label(None)
        parts = [self.of_label(label) for label in self.labels]
        return {model: sums([part[model] for part in parts], len(self.thresholds)) for model in self.models}
