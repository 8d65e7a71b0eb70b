"""The rules on the files of one dataset beside each other: training data first, then what it is measured on.

No page says what a service does with any of it: that follows from what the files are for, and is a
warning at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pytest_visionfmt.findings import Evidence, Reaction, Severity
from pytest_visionfmt.format import Files, Hit, Judgement, Rule, Verdict
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.values import printable, show

__all__ = ["Beside", "Class", "dataset_rules", "other_bucket", "store_of"]

Class: TypeAlias = str | int
_SOURCE = "inferred: what the files of a dataset are for"
_IMBALANCE = 10


@dataclass(frozen=True, slots=True)
class Beside:
    """What one record of a dataset stands beside.

    ``images`` and ``stores`` are those of the files before this one, each with a file and a line that have
    it. ``trained`` are the classes of the first file, ``measured`` those of the others, and ``totals`` how
    many objects each class has in all files. ``fresh`` are the classes and stores that no earlier record of
    this file has, ``new`` those of them that no earlier file has either.
    """

    is_first: bool
    images: Mapping[str, tuple[str, int]]
    stores: Mapping[str, tuple[str, int]]
    trained: frozenset[Class]
    measured: frozenset[Class]
    totals: Mapping[Class, int]
    fresh: frozenset[Class]
    new: frozenset[Class]


def store_of(image: str) -> str:
    """Return where an image is kept, by its URL: the bucket, ``s3://bucket``."""
    return "/".join(image.split("/", 3)[:3])


def _judged(severity: Severity, says: str) -> Verdict:
    judgement = Judgement(severity, Reaction.UNKNOWN, Evidence.INFERRED, says)
    return Verdict(judgement, judgement)


def dataset_rules(key: str, classes: Callable[[Any], Iterator[tuple[Path, Any]]]) -> tuple[Rule, ...]:
    """Return the rules of records whose image is named by ``key``; ``classes`` yields each class with its path."""

    def first_of_each(value: Any, wanted: frozenset[Class]) -> Iterator[tuple[Path, Class]]:
        left = set(wanted)
        for path, label in classes(value):
            if isinstance(label, str | int) and label in left:
                left.remove(label)
                yield path, label

    def shared_image(value: Any, beside: Beside) -> Iterator[Hit]:
        if place := beside.images.get(value[key]):
            file, line = place
            yield Hit((key,), f"the same image as in line {line} of {printable(file)}")

    def unseen_class(value: Any, beside: Beside) -> Iterator[Hit]:
        if not beside.is_first:
            for path, label in first_of_each(value, beside.fresh - beside.trained):
                yield Hit(path, f"class {show(label)} is in no record of the first file")

    def unmeasured_class(value: Any, beside: Beside) -> Iterator[Hit]:
        if beside.is_first:
            for path, label in first_of_each(value, beside.fresh - beside.measured):
                yield Hit(path, f"class {show(label)} is in this file alone")

    def imbalance(value: Any, beside: Beside) -> Iterator[Hit]:
        for path, label in first_of_each(value, beside.new):
            most = max(beside.totals, key=beside.totals.__getitem__)
            few, many = beside.totals[label], beside.totals[most]
            if few * _IMBALANCE <= many:
                yield Hit(path, f"class {show(label)} has {few} in all files, and class {show(most)} {many}")

    return (
        Rule(
            "VF304", "shared-image", "Two files of a dataset name the same image.", _SOURCE,
            _judged(Severity.WARNING, "what is measured on an image that the model was trained with is too good"),
            Files(shared_image, "dataset"),
        ),
        Rule(
            "VF305", "unseen-class", "A class is in no record of the first file of a dataset.", _SOURCE,
            _judged(Severity.WARNING, "a model that was trained with the first file cannot know the class"),
            Files(unseen_class, "dataset"),
        ),
        Rule(
            "VF306", "unmeasured-class", "A class of the first file of a dataset is in no other.", _SOURCE,
            _judged(Severity.NOTE, "how well the model knows the class is not measured"),
            Files(unmeasured_class, "dataset"),
        ),
        Rule(
            "VF307", "imbalance", f"A class has {_IMBALANCE} times as few objects as another.", _SOURCE,
            _judged(Severity.NOTE, "models learn a class of few examples less well"), Files(imbalance, "dataset"),
        ),
    )  # fmt: skip


def other_bucket(key: str, source: str, verdict: Verdict) -> Rule:
    """Return the rule of records whose images, named by ``key``, are to be in one bucket over all files."""

    def find(value: Any, beside: Beside) -> Iterator[Hit]:
        store = store_of(value[key])
        if beside.stores and store in beside.new:
            other, (file, line) = next(iter(beside.stores.items()))
            yield Hit(
                (key,), f"the image is in {show(store)}, and that of line {line} of {printable(file)} in {show(other)}"
            )

    return Rule("VF523", "other-bucket", "The images of two files of a dataset are in different buckets.", source,
                verdict, Files(find, "dataset"))  # fmt: skip
