"""The ground truth that predictions are made from: records of the same task, given or drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.annotations import AnnotatedImage
from pytest_visionfmt.draws.azure_geometry import Axis
from pytest_visionfmt.findings import InvalidRecord
from pytest_visionfmt.format import Format
from pytest_visionfmt.reading import read
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.schema_refusals import accepts
from pytest_visionfmt.values import show

__all__ = ["Truth", "check_fits", "classes_of", "drawn_truth"]

Truth: TypeAlias = Sequence[Any] | st.SearchStrategy[Any]
"""Training records of the task, a list, or a strategy of such lists."""
_CONTOUR = 6  # numbers, of three points


def drawn_truth(draw: st.DrawFn, ground_truth: Truth, format_: Format) -> list[AnnotatedImage]:
    """Return the images that records of a training format show, one a record. The records are left as they are."""
    records = draw(ground_truth) if isinstance(ground_truth, st.SearchStrategy) else ground_truth
    if isinstance(records, str | bytes) or not isinstance(records, Sequence):
        raise InvalidArgument(f"ground_truth={records!r} is neither a list of records nor a strategy of such lists")
    images: list[AnnotatedImage] = []
    label = nodes_of(format_, "reader").properties.get("label", Node())
    of_objects = "object" in (label.items or Node()).types
    for i, record in enumerate(records):
        try:
            images += read(record, format_)
        except InvalidRecord as error:
            why = str(error.findings[0]) if error.findings else str(error)
            raise InvalidArgument(f"ground_truth[{i}] is no {format_.id}: {why}") from None
        if not of_objects and not accepts(label, record["label"]):
            raise InvalidArgument(f"ground_truth[{i}] is no {format_.id}: its label is {show(record['label'])}")
    return images


def check_fits(images: Sequence[AnnotatedImage], axes: Sequence[Axis], *, outlined: bool) -> None:
    """Take objects that a response can show: boxes with an area in the image, outlines of three points and more."""
    across, down = axes
    for i, image in enumerate(images):
        for j, found in enumerate(image.objects):
            where = f"label[{j}] of ground_truth[{i}]"
            left, top, right, bottom = found.box or (0.0, 0.0, 0.0, 0.0)
            if not (across.least <= left < right <= across.most and down.least <= top < bottom <= down.most):
                raise InvalidArgument(f"{where} has no corners in order within the image: {found.box}")
            whole = all(len(contour) >= _CONTOUR and len(contour) % 2 == 0 for contour in found.polygons)
            if outlined and not (found.polygons and whole):
                raise InvalidArgument(f"{where} has no outline of contours of three points and more")


def classes_of(images: Sequence[AnnotatedImage], confusion: object, node: Node, profile: str) -> tuple[Any, ...]:
    """Return the classes of all objects, crowds included, and those that a mapping of classes leads to, sorted.

    They are of one type, which the schema takes.
    """
    objects = chain.from_iterable(image.objects for image in images)
    found: dict[Any, None] = {}
    for by, labels in (("ground_truth", (item.label for item in objects)), ("confusion", _led_to(confusion))):
        for label in labels:
            if not accepts(node, label):
                raise InvalidArgument(f"{by} has the class {label!r}, which profile={profile!r} does not take")
            found[label] = None
    if len({type(label) for label in found}) > 1:
        raise InvalidArgument(f"ground_truth has the classes {list(found)!r}, neither all strings nor all integers")
    return tuple(sorted(found))


def _led_to(confusion: object) -> Iterable[Any]:
    return confusion.values() if isinstance(confusion, Mapping) else ()
