"""What a model for detection or segmentation would find, given the objects that there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.annotations import AnnotatedImage, AnnotatedObject, Box, Polygon
from pytest_visionfmt.geometry import bounds, sides
from pytest_visionfmt.outputs.moving import moved_box, moved_outline
from pytest_visionfmt.outputs.noise import Noise, drawn_amounts, one_of, some, spread
from pytest_visionfmt.outputs.places import Side, free_place
from pytest_visionfmt.value_decoders import Drawing

__all__ = ["Found", "Scene", "found_objects"]

# The bytes of an object: whether it is missed (1), whether confused (1), as what (1), and those of a prediction.
# Those of a prediction: its score (2), how far off it is (2), in which way (1). Those of one that comes twice: which
# it is (2), and the same. Those of one of nothing: its score (2), image (1), place (2), shape (1), class (1).
_OBJECT, _DOUBLE, _EXTRA = 8, 7, 7


class Found(NamedTuple):
    """One object that a model reports; ``polygons`` is empty where it reports boxes alone."""

    label: Any
    box: Box
    polygons: tuple[Polygon, ...]
    score: float


class Scene(NamedTuple):
    """What there is to be found: images with their objects, and what the answer may say of them."""

    images: Sequence[AnnotatedImage]
    classes: Sequence[Any]
    labels: st.SearchStrategy[Any] | None
    outlined: bool
    area: Box
    scores: tuple[float, float]


class _Plan(NamedTuple):
    """An object that is reported: where it is, as what, whether that is right, and the bytes that say how."""

    image: int
    truth: AnnotatedObject
    label: Any
    right: bool
    held: bytes


class _Numbers(NamedTuple):
    """How much of each noise there is."""

    misses: int
    confusion: int
    duplicates: int
    extras: int


def found_objects(scene: Scene, noise: Noise, drawing: Drawing) -> list[list[Found]]:
    """Draw what is found in each image: objects in their order, then those found twice, then those of nothing."""
    objects = [(i, one) for i, image in enumerate(scene.images) for one in image.objects if not one.crowd]
    numbers = _numbers(scene, noise, len(objects), drawing)
    b = drawing.source.randbytes(1 + len(objects) * _OBJECT + numbers.duplicates * _DOUBLE + numbers.extras * _EXTRA)
    held = [b[at : at + _OBJECT] for at in range(0, len(objects) * _OBJECT, _OBJECT)]
    missed = some(numbers.misses, [own[0] for own in held])
    seen = [(*objects[k], own) for k, own in enumerate(held) if k not in missed]
    plans = _plans(seen, some(numbers.confusion, [own[1] for *_, own in seen]), scene, noise, drawing)
    at = len(objects) * _OBJECT
    for k in range(at, at + numbers.duplicates * _DOUBLE, _DOUBLE):
        which = plans[(b[k] << 8 | b[k + 1]) * len(seen) >> 16]
        plans.append(which._replace(right=False, held=b[k + 2 : k + _DOUBLE]))
    found: list[list[Found]] = [[] for _ in scene.images]
    score = _scoring(noise.ranking, scene.scores)
    for image, truth, label, right, own in plans:
        low, high = noise.jitter
        jitter = low + (high - low) * (own[2] << 8 | own[3]) / 0xFFFF
        others = [one.box for one in scene.images[image].objects if one is not truth and one.box] if jitter else []
        box, polygons = _seen(truth, scene.outlined, others, jitter, own[4])
        found[image].append(Found(label, box, polygons, score(own[0] << 8 | own[1], right)))
    at += numbers.duplicates * _DOUBLE
    lines = [_sides(image) for image in scene.images] if numbers.extras else []
    for k in range(at, at + numbers.extras * _EXTRA, _EXTRA):
        image = one_of(range(len(scene.images)), b[k + 2])
        box = free_place(scene.area, lines[image], b[k + 3] << 8 | b[k + 4], b[k + 5])
        corners = _corners(box)
        lines[image] += sides(corners)
        label = drawing.draw(scene.labels) if scene.labels is not None else one_of(scene.classes or ("a",), b[k + 6])
        found[image].append(Found(label, box, (corners,) if scene.outlined else (), score(b[k] << 8 | b[k + 1], False)))
    return found


def _numbers(scene: Scene, noise: Noise, total: int, drawing: Drawing) -> _Numbers:
    """Draw how much of each noise there is, where that can be."""
    confused = noise.confusion if isinstance(noise.confusion, tuple) else (0, 0)
    least, most = noise.misses
    if least > total:
        raise InvalidArgument(f"{noise.words('misses')}, and ground_truth has {total} objects that are no crowds")
    for name, needed in (("confusion", confused[0]), ("duplicates", min(1, noise.duplicates[0]))):
        if least + needed > total:
            left = f"{noise.words('misses')} leaves {total - least} of {total} objects that are no crowds"
            raise InvalidArgument(f"{noise.words(name)} needs {needed} found, and {left}")
    if scene.labels is None and len(scene.classes) < 2:
        if confused[0]:
            only = f"ground_truth has the class {scene.classes[0]!r} alone"
            raise InvalidArgument(f"{noise.words('confusion')}, and {only}; labels= would give others")
        confused = (0, 0)
    if noise.extras[0] and not scene.images:
        raise InvalidArgument(f"{noise.words('extras')}, and ground_truth has no image to have them")
    amount = drawn_amounts(noise, drawing)
    misses = amount("misses", least, min(most, total - max(confused[0], min(1, noise.duplicates[0]))))
    return _Numbers(
        misses,
        amount("confusion", confused[0], min(confused[1], total - misses)),
        amount("duplicates", *noise.duplicates) if total > misses else 0,
        amount("extras", *noise.extras) if scene.images else 0,
    )


def _plans(
    seen: Sequence[tuple[int, AnnotatedObject, bytes]], wrong: set[int], scene: Scene, noise: Noise, drawing: Drawing
) -> list[_Plan]:
    """Say as what each object is reported: as what it is, but for the confused ones."""
    plans = []
    for k, (image, truth, own) in enumerate(seen):
        label = truth.label
        if isinstance(noise.confusion, Mapping):
            label = noise.confusion.get(label, label)
        elif k in wrong:
            label = _another(label, own[2], scene, drawing)
        plans.append(_Plan(image, truth, label, label == truth.label, own[3:]))
    return plans


def _another(own: Any, byte: int, scene: Scene, drawing: Drawing) -> Any:
    if scene.labels is not None:
        return drawing.draw(scene.labels.filter(lambda label: label != own))
    return one_of([label for label in scene.classes if label != own], byte)


def _scoring(ranking: str, scores: tuple[float, float]) -> Callable[[int, bool], float]:
    """Return what makes a score of two bytes, given whether the prediction is right."""
    low, high = scores
    middle = (low + high) / 2
    tied: list[float] = []

    def score(u: int, right: bool) -> float:
        match ranking:
            case "any":
                return spread(high, low, u)
            case "tied":
                tied.append(spread(high, low, u))
                return tied[0]
        return spread(high, middle, u) if right == (ranking == "best") else spread(low, middle, u)

    return score


def _seen(
    truth: AnnotatedObject, outlined: bool, others: Sequence[Box], jitter: float, byte: int
) -> tuple[Box, tuple[Polygon, ...]]:
    if outlined:
        polygons = moved_outline(truth.polygons, jitter, byte)
        return bounds(polygons), polygons
    assert truth.box is not None
    return moved_box(truth.box, others, jitter, byte), ()


def _sides(image: AnnotatedImage) -> list[Side]:
    """Return the sides of the boxes and the outlines of all objects, crowds included."""
    boxes = [_corners(one.box) for one in image.objects if one.box]
    outlines = (polygon for one in image.objects for polygon in one.polygons)
    return [side for contour in (*boxes, *outlines) for side in sides(contour)]


def _corners(box: Box) -> Polygon:
    left, top, right, bottom = box
    return left, top, right, top, right, bottom, left, bottom
