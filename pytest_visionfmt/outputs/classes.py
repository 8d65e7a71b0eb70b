"""What a model for classification would answer, given the classes that the images are of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from typing import Any, NamedTuple, TypeAlias

from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws.azure_scores import SPARE_SCORES, shares
from pytest_visionfmt.outputs.noise import Noise, drawn_amounts, one_of, some, spread
from pytest_visionfmt.value_decoders import Drawing

__all__ = ["Question", "scores_of_many", "scores_of_one"]

# What a class weighs beside the highest, whose weight is 1: nothing at its simplest, and never as much.
_WEIGHTS = (0.0, 0.5, 0.999, 0.001, 1e-06, 1e-09)
_MOST_WEIGHT = 0.999


class Question(NamedTuple):
    """What is asked: of which of the dataset's ``classes`` each image is, and between which ``scores``."""

    truth: Sequence[Sequence[Any]]
    classes: Sequence[Any]
    scores: tuple[float, float]
    threshold: float = 0.5


def scores_of_one(question: Question, noise: Noise, drawing: Drawing) -> list[list[float]]:
    """Draw the scores of images that are of one class each: that class has the highest, but for the confused."""
    truth, classes = [labels[0] for labels in question.truth], question.classes
    confused = noise.confusion if isinstance(noise.confusion, tuple) else (0, 0)
    for name, (least, _) in (("confusion", confused), ("ties", noise.ties)):
        if least > len(truth):
            raise InvalidArgument(f"{noise.words(name)}, and ground_truth has {len(truth)} images")
        if least and len(classes) < 2:
            raise InvalidArgument(
                f"{noise.words(name)} needs a second class beside {classes[0]!r}; classes= gives more"
            )
    most = len(truth) if len(classes) > 1 else 0
    amount = drawn_amounts(noise, drawing)
    each = min(len(classes), max(1, SPARE_SCORES // max(1, len(truth))))
    # Of an image: whether it is confused (1), whether tied (1), with what (2), and the weights (2 each).
    size = 4 + 2 * each
    b = drawing.source.randbytes(1 + size * len(truth))
    wrong = some(amount("confusion", confused[0], min(confused[1], most)), b[: size * len(truth) : size])
    tied = some(amount("ties", noise.ties[0], min(noise.ties[1], most)), b[1 : size * len(truth) : size])
    answers = []
    for i, label in enumerate(truth):
        at = size * i
        if isinstance(noise.confusion, Mapping):
            label = noise.confusion.get(label, label)
        elif i in wrong:
            label = one_of([one for one in classes if one != label], b[at + 2])
        weights = [_weight(b[k] << 8 | b[k + 1]) for k in range(at + 4, at + size, 2)]
        top = {classes.index(label)}
        if i in tied:
            top.add(one_of([k for k in range(len(classes)) if k not in top], b[at + 3]))
        all_ = enumerate(islice(cycle(weights), len(classes)))
        answers.append(shares([1.0 if k in top else weight for k, weight in all_], *question.scores))
    return answers


def _weight(u: int) -> float:
    return _WEIGHTS[u * len(_WEIGHTS) >> 15] if u < 0x8000 else _MOST_WEIGHT * (u - 0x7FFF) / 0x8000


def scores_of_many(question: Question, noise: Noise, drawing: Drawing) -> list[list[float]]:
    """Draw the scores of images that are of any number of classes: those above the threshold, all others below."""
    low, high = question.scores
    if not low < question.threshold < high:
        between = f"between {low:g} and {high:g}, so that there are scores above it and below"
        raise InvalidArgument(f"threshold={question.threshold!r}, and ground_truth needs one {between}")
    positive = _positive(question, noise, drawing)
    number, answers = len(question.classes), []
    each = min(number, max(1, SPARE_SCORES // max(1, len(positive))))
    b = drawing.source.randbytes(1 + 2 * each * len(positive))
    for i, found in enumerate(positive):
        us = [b[k] << 8 | b[k + 1] for k in range(2 * each * i, 2 * each * (i + 1), 2)]
        ends = ((high if label in found else low) for label in question.classes)
        answers.append([spread(end, question.threshold, u) for end, u in zip(ends, cycle(us), strict=False)])
    return answers


_Pair: TypeAlias = tuple[int, Any]
"""An image by its place, and a class."""


def _positive(question: Question, noise: Noise, drawing: Drawing) -> list[set[Any]]:
    """Draw which classes of each image score above the threshold."""
    there: list[_Pair] = [(i, label) for i, labels in enumerate(question.truth) for label in dict.fromkeys(labels)]
    others = [[label for label in question.classes if label not in labels] for labels in question.truth]
    amount = drawn_amounts(noise, drawing)
    keys = drawing.source.randbytes(1 + 3 * len(there))
    exchanged = _exchanged(there, others, noise, amount, keys[: len(there)])
    left = [pair for pair in there if pair not in exchanged]
    least, most = noise.misses
    missed = some(amount("misses", least, min(most, len(left))), keys[len(there) : len(there) + len(left)])
    positive: list[set[Any]] = [set() for _ in question.truth]
    for k, (i, label) in enumerate(left):
        if k not in missed:
            positive[i].add(noise.confusion.get(label, label) if isinstance(noise.confusion, Mapping) else label)
    for (i, _), byte in zip(exchanged, keys[2 * len(there) :], strict=False):
        positive[i].add(others[i].pop(byte * len(others[i]) >> 8))
    free = [(i, label) for i, labels in enumerate(others) for label in labels if label not in positive[i]]
    least, most = noise.extras
    if least > len(free):
        lack = f"the images of ground_truth lack {len(free)} classes"
        raise InvalidArgument(f"{noise.words('extras')}, and {lack}; classes= would give more")
    for k in some(amount("extras", least, min(most, len(free))), drawing.source.randbytes(1 + len(free))[1:]):
        i, label = free[k]
        positive[i].add(label)
    return positive


def _exchanged(
    there: Sequence[_Pair],
    others: Sequence[Sequence[Any]],
    noise: Noise,
    amount: Callable[[str, int, int], int],
    keys: Sequence[int],
) -> list[_Pair]:
    """Draw which classes score below while another of the same image scores above; those images need another."""
    low, high = noise.confusion if isinstance(noise.confusion, tuple) else (0, 0)
    least, _ = noise.misses
    places: dict[int, list[int]] = {}
    for k, (i, _) in enumerate(there):
        places.setdefault(i, []).append(k)
    able = sorted(k for i, own in places.items() for k in sorted(own, key=lambda k: -keys[k])[: len(others[i])])
    if low > len(able):
        have = f"{len(able)} classes of its images have another to be taken for"
        raise InvalidArgument(f"{noise.words('confusion')}, and of ground_truth {have}; classes= would give more")
    if least + low > len(there):
        also = f" beside {noise.words('confusion')}" if low else ""
        raise InvalidArgument(
            f"{noise.words('misses')}{also}, and the images of ground_truth have {len(there)} classes"
        )
    number = amount("confusion", low, min(high, len(able), len(there) - least))
    return [there[able[k]] for k in sorted(some(number, [keys[k] for k in able]))]
