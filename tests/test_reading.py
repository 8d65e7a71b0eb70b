"""What a record shows is the same whatever the format: ``read``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import LABELS, TRAINING, URL, box, outline, record
from shapely.geometry import MultiPoint

from pytest_visionfmt import TABLE, AnnotatedImage, AnnotatedObject, InvalidRecord, read
from pytest_visionfmt import record as drawn

OD, IS = "azure-od-record", "azure-is-record"


def test_a_multiclass_record_shows_one_class_of_the_whole_image() -> None:
    details = {"format": "png", "width": "400px", "height": 258}
    assert read(record("can", image_details=details), "azure-multiclass-record") == [
        AnnotatedImage(f"{URL}1.jpg", 400, 258, "png", (AnnotatedObject("can"),))
    ]


def test_a_multilabel_record_shows_its_classes_in_order() -> None:
    (image,) = read(record(["b", "a"]), "azure-multilabel-record")
    assert [found.label for found in image.objects] == ["b", "a"]
    assert (image.width, image.height, image.type) == (None, None, None)


def test_a_detection_record_shows_boxes_and_crowds() -> None:
    (image,) = read(record([box(isCrowd=1), box("b", isCrowd=False), box("c")]), OD)
    assert image.objects[0] == AnnotatedObject("can", (0.1, 0.2, 0.6, 0.8), (), True)
    assert [found.crowd for found in image.objects] == [True, False, None]


def test_a_segmentation_record_shows_outlines_and_the_boxes_around_them() -> None:
    (image,) = read(record([outline(polygon=[[0.1, 0.1, 0.5, 0.1, 0.5, 0.5], [0.6, 0, 0.7, 0, 0.7, 0.9]])]), IS)
    (found,) = image.objects
    assert found.box == (0.1, 0.0, 0.7, 0.9)
    assert found.polygons == ((0.1, 0.1, 0.5, 0.1, 0.5, 0.5), (0.6, 0.0, 0.7, 0.0, 0.7, 0.9))


def test_a_background_image_shows_nothing() -> None:
    assert read(record([]), OD) == [AnnotatedImage(f"{URL}1.jpg")]


def test_what_the_reader_passes_through_float_is_read_as_it_reads_it() -> None:
    (image,) = read(record([box(topX=" 0.1 ", topY=False, bottomX="5e-1", bottomY=True, isCrowd="True")]), OD)
    assert image.objects == (AnnotatedObject("can", (0.1, 0.0, 0.5, 1.0), (), True),)


@pytest.mark.parametrize("value", ["true", "True", "1", 1, 1.0, True])
def test_what_the_reader_takes_for_a_crowd(value: Any) -> None:
    (image,) = read(record([box(isCrowd=value)]), OD)
    assert image.objects[0].crowd is True


@pytest.mark.parametrize("value", ["TRUE", "yes", 2, 0, False, None, "false"])
def test_what_the_reader_takes_for_no_crowd(value: Any) -> None:
    (image,) = read(record([box(isCrowd=value)]), OD)
    assert image.objects[0].crowd is False


@pytest.mark.parametrize("details", [None, [], "x", {}, {"width": "wide", "height": None, "format": 3}])
def test_details_that_the_reader_never_looks_at_are_not_read_either(details: Any) -> None:
    (image,) = read(record("a", image_details=details), "azure-multiclass-record")
    assert (image.width, image.height, image.type) == (None, None, None)


@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_every_drawn_record_is_read_with_all_its_objects(format_id: str, data: st.DataObject) -> None:
    value = data.draw(drawn(format_id, profile=data.draw(st.sampled_from(["documented", "reader"]))))
    (image,) = read(value, format_id)
    label = value["label"]
    assert image.name == value["image_url"]
    assert len(image.objects) == (len(label) if isinstance(label, list) else 1)


@given(drawn(IS))
def test_the_box_of_an_outline_is_the_one_that_shapely_finds(value: Any) -> None:
    (image,) = read(value, IS)
    for found in image.objects:
        points = [point for polygon in found.polygons for point in zip(polygon[::2], polygon[1::2], strict=True)]
        assert found.box == MultiPoint(points).bounds


def test_what_cannot_be_read_says_why_as_a_check_does() -> None:
    with pytest.raises(InvalidRecord, match=r"cannot be read as azure-od-record:\n.*\$\.label: the key") as caught:
        read({"image_url": URL}, OD)
    assert [finding.code for finding in caught.value.findings] == ["VF601"]
    with pytest.raises(InvalidRecord):
        read(None, OD)


@pytest.mark.parametrize("format_", [f for f in TABLE.values() if f.read is None], ids=lambda f: f.id)
def test_a_format_that_shows_no_annotations_cannot_be_read(format_: Any) -> None:
    with pytest.raises(ValueError, match="shows no annotations"):
        read({}, format_)


KEYS = st.sampled_from(["image_url", "label", "polygon", "topX", "image_details", "isCrowd"])
SCALARS = st.none() | st.booleans() | st.integers() | st.text()
ANYTHING = st.recursive(SCALARS, lambda s: st.lists(s) | st.dictionaries(KEYS, s), max_leaves=6)


@pytest.mark.parametrize("format_id", TRAINING)
@given(value=ANYTHING)
def test_a_value_that_cannot_be_read_has_findings(format_id: str, value: Any) -> None:
    refused = None
    try:
        read(value, format_id)
    except InvalidRecord as error:
        refused = error
    assert refused is None or refused.findings


def test_labels_of_the_records_in_these_tests_are_all_read() -> None:
    for format_id, label in LABELS.items():
        assert read(record(label), format_id)[0].objects
