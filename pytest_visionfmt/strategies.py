"""The public strategies: one for every documented format, and ``record`` for any."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.draws import DRAWS
from pytest_visionfmt.format import PROFILES, Format, Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.schema_strategies import Compiler, Decoder, Drawing, decode_record

__all__ = [
    "azure_is_record",
    "azure_multiclass_record",
    "azure_multilabel_record",
    "azure_od_record",
    "record",
]


def _check_profile(profile: str) -> None:
    if profile not in PROFILES:
        raise InvalidArgument(f"profile={profile!r} is neither of {', '.join(map(repr, PROFILES))}")


def _check_bounds(low: tuple[str, int], high: tuple[str, int]) -> None:
    for name, bound in (low, high):
        if isinstance(bound, bool) or not isinstance(bound, int):
            raise InvalidArgument(f"{name}={bound!r} is not an integer")
    if low[1] < 0:
        raise InvalidArgument(f"{low[0]}={low[1]} is negative")
    if low[1] > high[1]:
        raise InvalidArgument(f"{low[0]}={low[1]} is larger than {high[0]}={high[1]}")


def _training_record(
    draw: st.DrawFn,
    id_: str,
    profile: Profile,
    given: dict[str, st.SearchStrategy[Any] | None],
    *bounds: tuple[str, int],
) -> dict[str, Any]:
    """Draw a record of the table's format; arguments that contradict raise here, when first drawn from."""
    _check_profile(profile)
    if bounds:
        _check_bounds(*bounds)
    strategies = {name: strategy for name, strategy in given.items() if strategy is not None}
    for name, strategy in strategies.items():
        if not isinstance(strategy, st.SearchStrategy):
            raise InvalidArgument(f"{name}={strategy!r} is not a strategy; st.just({strategy!r}) would be one")
    counts = tuple(bound for _, bound in bounds) or None
    drawn: dict[str, Any] = DRAWS[id_](draw, named(id_), profile, given=strategies, counts=counts)
    return drawn


@st.composite
def azure_multiclass_record(
    draw: st.DrawFn,
    *,
    labels: st.SearchStrategy[Any] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML multiclass records: an image and its one class.

    * ``labels`` draws the class; by default any string, among them those that trip parsers.
    * ``image_urls`` draws the image's URL.
    * ``profile`` says who must accept the record: the ``"documented"`` page and the service's
      reader both, or the ``"reader"`` alone, which also takes integer classes, other URLs, any
      ``image_details`` and more keys.

    Records shrink to class ``"a"``, the shortest image URL and no ``image_details``. Arguments of
    the wrong kind raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Image classification (binary/multi-class).
    """
    given = {"labels": labels, "image_urls": image_urls}
    return _training_record(draw, "azure-multiclass-record", profile, given)


@st.composite
def azure_multilabel_record(
    draw: st.DrawFn,
    *,
    min_labels: int = 0,
    max_labels: int = 8,
    labels: st.SearchStrategy[Any] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML multilabel records: an image and the list of its classes.

    * ``min_labels`` and ``max_labels`` bound how many classes an image has; none is twice in a record.
    * ``labels`` draws one class; by default any string, among them those that trip parsers.
    * ``image_urls`` draws the image's URL.
    * ``profile`` says who must accept the record: the ``"documented"`` page and the service's
      reader both, or the ``"reader"`` alone, which also takes integer classes, other URLs, any
      ``image_details`` and more keys.

    Records shrink to no class, then to one, ``"a"``, and the shortest image URL. Contradictory
    arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Image classification multi-label.
    """
    given = {"labels": labels, "image_urls": image_urls}
    bounds = (("min_labels", min_labels), ("max_labels", max_labels))
    return _training_record(draw, "azure-multilabel-record", profile, given, *bounds)


@st.composite
def azure_od_record(
    draw: st.DrawFn,
    *,
    min_objects: int = 0,
    max_objects: int = 8,
    labels: st.SearchStrategy[str] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML object detection records: an image and its boxes.

    * ``min_objects`` and ``max_objects`` bound how many boxes a record has.
    * ``labels`` draws class names; by default any string that sorts after ``"--bg--"``, the reader's
      background class.
    * ``image_urls`` draws the image's URL.
    * ``profile`` says who must accept the record: the ``"documented"`` page and the service's
      reader both, or the ``"reader"`` alone, which takes more spellings: coordinates as numeric
      strings, ``isCrowd`` as ``"true"``, other URLs, any ``image_details`` and more keys.

    Coordinates are ratios in [0, 1]; ``topX < bottomX`` and ``topY < bottomY``. Records shrink
    towards no box, then one labelled ``"a"`` at 0, 0, 1, 1, and the shortest image URL.
    Contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Object detection.
    """
    given = {"labels": labels, "image_urls": image_urls}
    bounds = (("min_objects", min_objects), ("max_objects", max_objects))
    return _training_record(draw, "azure-od-record", profile, given, *bounds)


@st.composite
def azure_is_record(
    draw: st.DrawFn,
    *,
    min_objects: int = 0,
    max_objects: int = 4,
    labels: st.SearchStrategy[str] | None = None,
    image_urls: st.SearchStrategy[str] | None = None,
    profile: Profile = "documented",
) -> dict[str, Any]:
    """Return a strategy for Azure AutoML instance segmentation records: an image and its polygons.

    * ``min_objects`` and ``max_objects`` bound how many objects a record has.
    * ``labels`` draws class names; by default any string that sorts after ``"--bg--"``, the reader's
      background class.
    * ``image_urls`` draws the image's URL.
    * ``profile`` says who must accept the record: the ``"documented"`` page and the service's
      reader both, or the ``"reader"`` alone, which takes ``isCrowd`` as ``"true"``, other URLs, any
      ``image_details`` and more keys.

    A polygon is one or more segments ``x1, y1, x2, y2, ...`` of at least three points, as ratios in
    [0, 1]; all points together span an area. Records shrink towards no object, then one labelled
    ``"a"`` with the triangle 0, 0, 1, 0, 1, 1, and the shortest image URL. Contradictory arguments
    raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Instance segmentation.
    """
    given = {"labels": labels, "image_urls": image_urls}
    bounds = (("min_objects", min_objects), ("max_objects", max_objects))
    return _training_record(draw, "azure-is-record", profile, given, *bounds)


@lru_cache(maxsize=64)
def _by_schema_alone(format_: Format, profile: Profile) -> Decoder:
    return Compiler().compile(nodes_of(format_, profile))


def record(format: str | Format, *, profile: Profile = "documented") -> st.SearchStrategy[Any]:
    """Return a strategy for the records of any format, by its id or as a ``Format``.

    A format of the table gets its family's draws. A user's own is drawn by its ``draw``, called as
    ``draw(format, profile=profile)``, or else by its schema alone. Raises ``UnknownFormat`` (a
    ``ValueError``) at once for an id that is not in the table.
    """
    format_ = named(format)
    if format_.id not in DRAWS and format_.draw is not None:
        strategy: st.SearchStrategy[Any] = format_.draw(format_, profile=profile)
        return strategy

    # The strategy is shown as the call that made it, with the id for a format that is a value.
    @st.composite
    def record(draw: st.DrawFn, format: str, *, profile: Profile) -> Any:
        _check_profile(profile)
        if family := DRAWS.get(format_.id):
            return family(draw, format_, profile)
        return decode_record(_by_schema_alone(format_, profile), Drawing(draw))

    return record(format_.id, profile=profile)
