"""The strategies of Azure AutoML responses to images in which objects are found: boxes, and outlines with them."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from pytest_visionfmt.draws.azure_geometry import axes_of
from pytest_visionfmt.draws.azure_responses import ResponseArguments, draw_response
from pytest_visionfmt.draws.azure_scores import range_of
from pytest_visionfmt.format import Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.outputs.noise import Amount, Confusion, Noise, Ranking, Share, check_default, noise_of
from pytest_visionfmt.outputs.objects import Scene, found_objects
from pytest_visionfmt.outputs.truth import Truth, check_fits, classes_of, drawn_truth
from pytest_visionfmt.schema_nodes import Node, nodes_of
from pytest_visionfmt.strategies.arguments import check_bounds, check_profile, check_strategies
from pytest_visionfmt.value_decoders import Drawing

__all__ = ["azure_is_response", "azure_od_response"]

_IMAGES = (1, 4)
_OUTLINED = "azure-is-response"


class _Wanted(NamedTuple):
    """The arguments that detection and segmentation share, and the most objects of an image by default."""

    images: tuple[int, int]
    objects: tuple[int, int]
    labels: st.SearchStrategy[Any] | None
    ground_truth: Truth | None
    noise: Noise
    most_objects: int


def _detected(draw: st.DrawFn, id_: str, profile: Profile, wanted: _Wanted) -> list[dict[str, Any]]:
    """Check the arguments that detection and segmentation share, and draw a response of the table's format."""
    check_profile(profile)
    check_bounds("min_images", wanted.images[0], "max_images", wanted.images[1])
    check_bounds("min_objects", wanted.objects[0], "max_objects", wanted.objects[1])
    check_strategies(labels=wanted.labels)
    format_ = named(id_)
    if wanted.ground_truth is None:
        return draw_response(
            draw, format_, profile, ResponseArguments(wanted.images, wanted.objects, labels=wanted.labels)
        )
    scene = _scene(draw, id_, profile, wanted)
    number = len(scene.images)

    def settle(drawing: Drawing) -> None:
        drawing.shared["answers"] = iter(found_objects(scene, wanted.noise, drawing))

    return draw_response(draw, format_, profile, ResponseArguments((number, number), answered=True), settle)


def _scene(draw: st.DrawFn, id_: str, profile: Profile, wanted: _Wanted) -> Scene:
    """Read the ground truth: records of the same task."""
    assert wanted.ground_truth is not None
    check_default(
        "bounds how many are drawn, and ground_truth says how many there are",
        min_images=(wanted.images[0], _IMAGES[0]),
        max_images=(wanted.images[1], _IMAGES[1]),
        min_objects=(wanted.objects[0], 0),
        max_objects=(wanted.objects[1], wanted.most_objects),
    )
    images = drawn_truth(draw, wanted.ground_truth, named(id_.replace("response", "record")))
    item = (nodes_of(named(id_), profile).at((0, "boxes", 0))) or Node()
    page = nodes_of(named(id_), "documented").at((0, "boxes", 0, "box")) or Node()
    axes = axes_of(page)
    check_fits(images, axes, outlined=id_ == _OUTLINED)
    label = item.properties.get("label", Node())
    classes = classes_of(images, wanted.noise.confusion, label, profile)
    area = (axes[0].least, axes[1].least, axes[0].most, axes[1].most)
    scores = range_of(item.properties.get("score", Node()))
    return Scene(images, classes, wanted.labels, id_ == _OUTLINED, area, scores)


@st.composite
def azure_od_response(
    draw: st.DrawFn,
    *,
    min_images: int = 1,
    max_images: int = 4,
    min_objects: int = 0,
    max_objects: int = 4,
    labels: st.SearchStrategy[Any] | None = None,
    ground_truth: Truth | None = None,
    jitter: Share = 0,
    misses: Amount = 0,
    extras: Amount = 0,
    duplicates: Amount = 0,
    confusion: Confusion = 0,
    ranking: Ranking = "best",
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML responses of object detection: the boxes of each image.

    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``min_objects`` and ``max_objects`` bound how many boxes an image has.
    * ``labels`` draws the class of a box; by default any string, among them those that trip parsers. With
      ``ground_truth`` it draws those of extra boxes and of confused ones, by default from the records' own.
    * ``ground_truth`` is a list of ``azure-od-record`` values, or a strategy of such lists. The response then
      has an item for each, in order: a box for each object, the same and of the same class, but none for a
      crowd. How it differs is said by what follows, each a number or a pair of bounds, for all images together.
    * ``jitter`` is 1 less the intersection over union of a box and its object, from 0 to 0.99. A box of less
      than a millionth of the image is left as it is.
    * ``misses`` is how many objects have no box. Crowds are no misses.
    * ``extras`` is how many boxes there are of nothing: the intersection over union of such a box and any object
      of its image, crowds included, is at most 0.1.
    * ``duplicates`` is how many boxes there are of objects that have one already.
    * ``confusion`` is how many of the objects found are said to be of another class; or a mapping of classes to
      those that they are taken for.
    * ``ranking`` says how right boxes score beside all others: with ``"best"`` above the middle of the range of
      scores, and the others below; with ``"worst"`` the other way round; with ``"any"`` anywhere; with ``"tied"``
      all score the same.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: boxes up to 0.01 outside the image,
      integer classes, and the keys that it had until June 2023.

    Coordinates are ratios of the image's width and height, in [0, 1]; ``topX < bottomX`` and
    ``topY < bottomY``. Scores are in [0, 1]. Responses shrink to one image without a box, then to one
    box, labelled ``"a"``, at 0, 0, 1, 1 with the score 0; with ``ground_truth``, to the least noise and
    scores of 1 and 0. Wrong or contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format, Object detection.
    """
    noise = noise_of(
        ground_truth,
        jitter=jitter,
        misses=misses,
        extras=extras,
        duplicates=duplicates,
        confusion=confusion,
        ranking=ranking,
    )
    wanted = _Wanted((min_images, max_images), (min_objects, max_objects), labels, ground_truth, noise, 4)
    return _detected(draw, "azure-od-response", profile, wanted)


@st.composite
def azure_is_response(
    draw: st.DrawFn,
    *,
    min_images: int = 1,
    max_images: int = 4,
    min_objects: int = 0,
    max_objects: int = 3,
    labels: st.SearchStrategy[Any] | None = None,
    ground_truth: Truth | None = None,
    jitter: Share = 0,
    misses: Amount = 0,
    extras: Amount = 0,
    duplicates: Amount = 0,
    confusion: Confusion = 0,
    ranking: Ranking = "best",
    profile: Profile = "documented",
) -> list[dict[str, Any]]:
    """Return a strategy for Azure AutoML responses of instance segmentation: boxes and outlines.

    * ``min_images`` and ``max_images`` bound how many images the response is about.
    * ``min_objects`` and ``max_objects`` bound how many objects an image has.
    * ``labels`` draws the class of an object; by default any string, among them those that trip parsers. With
      ``ground_truth`` it draws those of extra objects and of confused ones, by default from the records' own.
    * ``ground_truth`` is a list of ``azure-is-record`` values, or a strategy of such lists. The response then
      has an item for each, in order: every object with the same outline, the box of its points and the same
      class, but no crowd. How it differs is said by what follows, as in ``azure_od_response``.
    * ``jitter`` is 1 less the intersection over union of an outline and its object's, from 0 to 0.99. What they
      enclose counts; contours over each other make a hole. An outline that encloses less than a millionth of the
      image is left as it is.
    * ``misses``, ``extras``, ``duplicates``, ``confusion`` and ``ranking`` are those of ``azure_od_response``.
      Extra objects are rectangles.
    * ``profile`` says who must accept the response: the ``"documented"`` page and the service both, or
      the ``"reader"`` alone, for what the service itself writes: an empty outline, contours of one and
      two points, boxes up to 0.01 outside the image, integer classes, and the keys that it had until
      June 2023.

    An outline is one or more contours ``x1, y1, x2, y2, ...`` of at least three points, as ratios of the
    image's width and height in [0, 1]; all points together span an area. It need not lie in its box: on
    the page it does not. Scores are in [0, 1]. Responses shrink to one image without an object, then to
    one object, labelled ``"a"``, with the box 0, 0, 1, 1, the triangle 0, 0, 1, 0, 1, 1 and the score 0;
    with ``ground_truth``, to the least noise and scores of 1 and 0.
    Wrong or contradictory arguments raise ``InvalidArgument`` when first drawn from.
    Source: "Data schemas to train computer vision models with automated machine learning",
    Output format, Instance segmentation.
    """
    noise = noise_of(
        ground_truth,
        jitter=jitter,
        misses=misses,
        extras=extras,
        duplicates=duplicates,
        confusion=confusion,
        ranking=ranking,
    )
    wanted = _Wanted((min_images, max_images), (min_objects, max_objects), labels, ground_truth, noise, 3)
    return _detected(draw, "azure-is-response", profile, wanted)
