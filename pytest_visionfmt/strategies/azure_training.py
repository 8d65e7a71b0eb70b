"""The strategies of Azure AutoML training records, one a task."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pytest_visionfmt.draws.azure_training import TrainingArguments, draw_training_record
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.strategies.arguments import (
    check_bounds,
    check_details,
    check_grid,
    check_profile,
    check_strategies,
)

__all__ = ["azure_is_record", "azure_multiclass_record", "azure_multilabel_record", "azure_od_record"]


def _drawn(draw: st.DrawFn, id_: str, profile: Profile, arguments: TrainingArguments) -> dict[str, Any]:
    """Check the arguments that all training formats share, and draw a record of the table's format."""
    check_profile(profile)
    check_strategies(labels=arguments.labels, image_urls=arguments.image_urls, image_sizes=arguments.image_sizes)
    check_details(arguments.with_details, arguments.image_sizes)
    return draw_training_record(draw, named(id_), profile, arguments)


@st.composite
def azure_multiclass_record(
    draw: st.DrawFn,
    *,
    labels: st.SearchStrategy[Any] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    image_sizes: st.SearchStrategy[tuple[int, int]] | None = None,
    with_details: bool | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML multiclass records: an image and its one class.

    * ``labels`` draws the class; by default any string, among them those that trip parsers.
    * ``image_urls`` draws the image's URL.
    * ``image_sizes`` draws pairs ``(width, height)``, which then stand in ``image_details``.
    * ``with_details`` says whether the record has ``image_details``: ``True`` for always and with all
      keys, ``False`` for never, ``None`` for either.
    * ``profile`` says who must accept the record: the ``"documented"`` page and the service's
      reader both, or the ``"reader"`` alone, which also takes integer classes, other URLs, any
      ``image_details`` and more keys.

    Records shrink to class ``"a"``, the shortest image URL and no ``image_details``. Wrong or
    contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Image classification (binary/multi-class).
    """
    arguments = TrainingArguments(None, labels, image_urls, image_sizes, with_details)
    return _drawn(draw, "azure-multiclass-record", profile, arguments)


@st.composite
def azure_multilabel_record(
    draw: st.DrawFn,
    *,
    min_labels: int = 0,
    max_labels: int = 8,
    labels: st.SearchStrategy[Any] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    image_sizes: st.SearchStrategy[tuple[int, int]] | None = None,
    with_details: bool | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML multilabel records: an image and the list of its classes.

    * ``min_labels`` and ``max_labels`` bound how many classes an image has; none is twice in a record.
    * ``labels`` draws one class; by default any string, among them those that trip parsers.
    * ``image_urls`` draws the image's URL.
    * ``image_sizes`` draws pairs ``(width, height)``, which then stand in ``image_details``.
    * ``with_details`` says whether the record has ``image_details``: ``True`` for always and with all
      keys, ``False`` for never, ``None`` for either.
    * ``profile`` says who must accept the record: the ``"documented"`` page and the service's
      reader both, or the ``"reader"`` alone, which also takes integer classes, other URLs, any
      ``image_details`` and more keys.

    Records shrink to no class, then to one, ``"a"``, and the shortest image URL. Wrong or
    contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Image classification multi-label.
    """
    check_bounds("min_labels", min_labels, "max_labels", max_labels)
    arguments = TrainingArguments((min_labels, max_labels), labels, image_urls, image_sizes, with_details)
    return _drawn(draw, "azure-multilabel-record", profile, arguments)


@st.composite
def azure_od_record(
    draw: st.DrawFn,
    *,
    min_objects: int = 0,
    max_objects: int = 8,
    labels: st.SearchStrategy[str] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    image_sizes: st.SearchStrategy[tuple[int, int]] | None = None,
    with_details: bool | None = None,
    separate: bool = False,
    grid: tuple[int, int] | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML object detection records: an image and its boxes.

    * ``min_objects`` and ``max_objects`` bound how many boxes a record has.
    * ``labels`` draws class names; by default any string that sorts after ``"--bg--"``, the reader's
      background class.
    * ``image_urls`` draws the image's URL.
    * ``image_sizes`` draws pairs ``(width, height)``, which then stand in ``image_details``.
    * ``with_details`` says whether the record has ``image_details``: ``True`` for always and with all
      keys, ``False`` for never, ``None`` for either.
    * ``separate`` keeps boxes from overlapping: they lie on the edges of the image's pixels, and each
      holds at least one. There are then at most as many boxes as pixels.
    * ``grid`` is the size ``(width, height)`` of the image on whose pixels ``separate`` boxes lie;
      ``image_details`` agrees with it where it has a size. Without a grid it is the record's own size,
      drawn from ``image_sizes`` if they are given, and ``image_details`` always has it.
    * ``profile`` says who must accept the record: the ``"documented"`` page and the service's
      reader both, or the ``"reader"`` alone, which takes more spellings: coordinates as numeric
      strings, ``isCrowd`` as ``"true"``, other URLs, any ``image_details`` and more keys.

    Coordinates are ratios in [0, 1]; ``topX < bottomX`` and ``topY < bottomY``. Records shrink
    towards no box, then one labelled ``"a"`` at 0, 0, 1, 1, and the shortest image URL. Wrong or
    contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Object detection.
    """
    check_bounds("min_objects", min_objects, "max_objects", max_objects)
    check_grid(separate, grid, min_objects, with_details, image_sizes)
    counts = (min_objects, max_objects)
    arguments = TrainingArguments(counts, labels, image_urls, image_sizes, with_details, separate, grid)
    return _drawn(draw, "azure-od-record", profile, arguments)


@st.composite
def azure_is_record(
    draw: st.DrawFn,
    *,
    min_objects: int = 0,
    max_objects: int = 4,
    labels: st.SearchStrategy[str] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    image_sizes: st.SearchStrategy[tuple[int, int]] | None = None,
    with_details: bool | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML instance segmentation records: an image and its polygons.

    * ``min_objects`` and ``max_objects`` bound how many objects a record has.
    * ``labels`` draws class names; by default any string that sorts after ``"--bg--"``, the reader's
      background class.
    * ``image_urls`` draws the image's URL.
    * ``image_sizes`` draws pairs ``(width, height)``, which then stand in ``image_details``.
    * ``with_details`` says whether the record has ``image_details``: ``True`` for always and with all
      keys, ``False`` for never, ``None`` for either.
    * ``profile`` says who must accept the record: the ``"documented"`` page and the service's
      reader both, or the ``"reader"`` alone, which takes ``isCrowd`` as ``"true"``, other URLs, any
      ``image_details`` and more keys.

    A polygon is one or more segments ``x1, y1, x2, y2, ...`` of at least three points, as ratios in
    [0, 1]; all points together span an area. Records shrink towards no object, then one labelled
    ``"a"`` with the triangle 0, 0, 1, 0, 1, 1, and the shortest image URL. Wrong or contradictory
    arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Instance segmentation.
    """
    check_bounds("min_objects", min_objects, "max_objects", max_objects)
    counts = (min_objects, max_objects)
    arguments = TrainingArguments(counts, labels, image_urls, image_sizes, with_details)
    return _drawn(draw, "azure-is-record", profile, arguments)
