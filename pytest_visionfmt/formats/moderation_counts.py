"""What an evaluation counts: from how surely two models found a label, on images that have it and on others.

A label counts as found where its confidence is at least the threshold, as the API has it: labels of a
confidence lower than the one asked for are not returned.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeAlias

__all__ = ["Counts", "Curve", "Scores", "by_image", "curves", "sums"]

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
