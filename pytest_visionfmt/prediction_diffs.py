"""Two predictions of the same images: which object is which by class and place, and how far their scores are apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from pytest_visionfmt.annotation_diffs import box_words, numbers_turn, object_name
from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject
from pytest_visionfmt.comparing_objects import number_of, partners
from pytest_visionfmt.geometry import intersection_over_union, outline_overlap
from pytest_visionfmt.tolerance import px

__all__ = ["prediction_lines"]

# What the arithmetic on the way may add to a difference of scores, or take from what is shared.
_SLACK = 1e-9
_WORTH_SAYING = px(0.5)

Pairs = dict[int, int]


def prediction_lines(
    a: Sequence[AnnotatedImage], b: Sequence[AnnotatedImage], iou: float, score: float, corners: Sequence[str]
) -> list[str]:
    """Return how ``b`` differs from ``a``, image by image in their order; nothing where it is close enough."""
    lines = []
    for number, (before, after) in enumerate(zip_longest(a, b)):
        if before is None or after is None:
            count = number_of(len((before or after).objects), "object")
            lines.append(f"image {number} is {'extra' if before is None else 'missing'}, with {count}")
        else:
            where = "" if len(a) == len(b) == 1 else f"image {number}: "
            found = _Predictions(before.objects, after.objects, iou, score, corners)
            lines += [f"{where}{line}" for line in found.lines()]
    return lines


class _Predictions:
    """The predictions of two models for one image."""

    def __init__(
        self,
        a: Sequence[AnnotatedObject],
        b: Sequence[AnnotatedObject],
        iou: float,
        score: float,
        corners: Sequence[str],
    ) -> None:
        self._a, self._b, self._iou, self._score, self._corners = a, b, iou, score, corners
        self._overlaps = [[_overlap(before, after, iou) for after in b] for before in a]
        self._partner: Pairs = {}

    def lines(self) -> Iterator[str]:
        self._pair(lambda i, j: self._is_there(i, j) and self._scores_alike(i, j))
        self._pair(self._is_there)
        self._pair(lambda i, j: self._alike(i, j) and self._overlaps[i][j] > 0)
        self._pair(lambda i, j: self._overlaps[i][j] >= self._iou - _SLACK)
        taken = set(self._partner.values())
        for i, item in enumerate(self._a):
            name = object_name(item, i, self._partner.get(i))
            if i not in self._partner:
                yield f"{name}{_with_score(item)} is missing"
            elif words := list(self._words(i, self._partner[i])):
                yield f"{name}{'; '.join(words)}"
        for j, item in enumerate(self._b):
            if j not in taken:
                yield f"{object_name(item, j)}{_with_score(item)} is extra"

    def _pair(self, fits: Callable[[int, int], bool]) -> None:
        """Find partners for those that have none yet, the most of them that can have one that fits, nearest first."""
        taken = set(self._partner.values())
        left = [i for i in range(len(self._a)) if i not in self._partner]
        free = [j for j in range(len(self._b)) if j not in taken]
        choices = [
            sorted((j for j in free if fits(i, j)), key=lambda j: (-self._overlaps[i][j], self._apart(i, j)))
            for i in left
        ]
        self._partner.update({left[n]: j for n, j in partners(choices).items()})

    def _alike(self, i: int, j: int) -> bool:
        a, b = self._a[i].label, self._b[j].label
        return a == b and type(a) is type(b)

    def _is_there(self, i: int, j: int) -> bool:
        return self._alike(i, j) and self._overlaps[i][j] >= self._iou - _SLACK

    def _apart(self, i: int, j: int) -> float:
        return abs((self._a[i].score or 0) - (self._b[j].score or 0))

    def _scores_alike(self, i: int, j: int) -> bool:
        return self._apart(i, j) <= self._score + _SLACK

    def _words(self, i: int, j: int) -> Iterator[str]:
        """Yield what differs of two objects that belong together, to stand behind the name of the first."""
        before, after = self._a[i], self._b[j]
        words: list[str] = []
        if not self._alike(i, j):
            yield f" -> {after.label!r}"
        elif self._overlaps[i][j] < self._iou - _SLACK:
            words += self._place(before, after)
        if bool(before.polygons) != bool(after.polygons):
            words.append(f"outline {_of(before)} -> {_of(after)}")
        if not self._scores_alike(i, j):
            words.append(f"{numbers_turn('score', before.score, after.score)}, {self._apart(i, j):.2g} apart")
        if words:
            yield (": " if self._alike(i, j) else "") + words[0]
            yield from words[1:]

    def _place(self, before: AnnotatedObject, after: AnnotatedObject) -> Iterator[str]:
        assert before.box
        assert after.box
        if intersection_over_union(before.box, after.box) >= self._iou - _SLACK:
            yield f"IoU of the outlines {outline_overlap(before.polygons, after.polygons):.2f}"
        else:
            yield from box_words(before.box, after.box, (None, None), _WORTH_SAYING, self._corners)


def _overlap(a: AnnotatedObject, b: AnnotatedObject, least: float) -> float:
    """Return how much two objects share: of their boxes, and where these share enough, of their outlines."""
    if a.box is None or b.box is None:
        return 1.0 if a.box is b.box and a.label == b.label else 0.0
    boxes = 1.0 if a.box == b.box else intersection_over_union(a.box, b.box)
    if boxes < least - _SLACK or not a.polygons or not b.polygons or a.polygons == b.polygons:
        return boxes
    return min(boxes, outline_overlap(a.polygons, b.polygons))


def _with_score(item: AnnotatedObject) -> str:
    return "" if item.score is None else f" (score {item.score:.3g})"


def _of(item: AnnotatedObject) -> str:
    return f"of {number_of(len(item.polygons), 'polygon')}" if item.polygons else "none"
