"""The arguments of strategies: each does what it says for many values, and wrong ones name what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from drawing import STRATEGIES, minimal, sample
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from records import PROFILES, TRAINING, reference

import pytest_visionfmt as visionfmt
from pytest_visionfmt import TABLE, check_record, record
from pytest_visionfmt.format import Profile

FEW_PIXELS = st.tuples(st.integers(1, 12), st.integers(1, 12))


def assert_clean(value: Any, format_id: str, profile: Profile = "documented") -> None:
    assert check_record(value, format_id, profile=profile) == ()
    assert list(reference(TABLE[format_id], profile).iter_errors(value)) == []


def classes_of(value: dict[str, Any]) -> list[Any]:
    label = value["label"]
    items = label if isinstance(label, list) else [label]
    return [item["label"] if isinstance(item, dict) else item for item in items]


@pytest.mark.parametrize("format_id", ["azure-od-record", "azure-is-record"])
@given(data=st.data())
def test_the_bounds_on_objects_hold(format_id: str, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, 5))
    high = data.draw(st.integers(low, 7))
    value = data.draw(STRATEGIES[format_id](min_objects=low, max_objects=high))
    assert low <= len(value["label"]) <= high
    assert_clean(value, format_id)


@given(data=st.data())
def test_the_bounds_on_labels_hold(data: st.DataObject) -> None:
    low = data.draw(st.integers(0, 5))
    high = data.draw(st.integers(low, 7))
    own = data.draw(st.sampled_from([None, st.integers(0, 50), st.text(min_size=1)]))
    value = data.draw(visionfmt.azure_multilabel_record(min_labels=low, max_labels=high, labels=own))
    assert low <= len(value["label"]) <= high
    assert len({(type(label), label) for label in value["label"]}) == len(value["label"])


@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_classes_are_drawn_from_the_strategy_given(format_id: str, data: st.DataObject) -> None:
    pool = data.draw(st.lists(st.text("abc", min_size=1), min_size=1, max_size=5, unique=True))
    bounds = {"max_labels": len(pool)} if format_id == "azure-multilabel-record" else {}
    value = data.draw(STRATEGIES[format_id](labels=st.sampled_from(pool), **bounds))
    assert set(classes_of(value)) <= set(pool)
    assert_clean(value, format_id)


@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_image_urls_are_drawn_from_the_strategy_given(format_id: str, data: st.DataObject) -> None:
    folder = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/"
    pool = data.draw(st.lists(st.text("xyz", min_size=1).map(folder.__add__), min_size=1, max_size=5))
    value = data.draw(STRATEGIES[format_id](image_urls=st.sampled_from(pool)))
    assert value["image_url"] in pool
    assert_clean(value, format_id)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_the_size_of_the_image_is_exactly_the_one_drawn(format_id: str, profile: Profile, data: st.DataObject) -> None:
    drawn: list[tuple[int, int]] = []
    pixels = st.integers(1, 2**63 - 1) | st.integers(1, 5000)
    sizes = st.tuples(pixels, pixels).map(lambda size: drawn.append(size) or size)  # type: ignore[func-returns-value]
    details = data.draw(st.sampled_from([None, True]))
    value = data.draw(STRATEGIES[format_id](image_sizes=sizes, with_details=details, profile=profile))
    assert drawn == [size_of(value)]
    assert_clean(value, format_id, profile)


def size_of(value: dict[str, Any]) -> tuple[int, int]:
    """Return the size that a record says its image has, however it is spelt."""
    details = value["image_details"]
    width, height = (int(str(details[key]).removesuffix("px")) for key in ("width", "height"))
    return width, height


@pytest.mark.parametrize("profile", PROFILES)
def test_a_size_is_spelt_in_every_way_that_the_schema_allows(profile: Profile) -> None:
    sizes = st.just((640, 480))
    drawn = sample(visionfmt.azure_multiclass_record(image_sizes=sizes, profile=profile), 100)
    assert {repr(value["image_details"]["width"]) for value in drawn} == {"640", "'640px'", "'640'"}
    assert {repr(value["image_details"]["height"]) for value in drawn} == {"480", "'480px'", "'480'"}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TRAINING)
@given(data=st.data())
def test_details_are_there_whole_or_not_at_all(format_id: str, profile: Profile, data: st.DataObject) -> None:
    wanted = data.draw(st.booleans())
    value = data.draw(STRATEGIES[format_id](with_details=wanted, profile=profile))
    if wanted:
        assert value["image_details"].keys() == {"format", "width", "height"}
    else:
        assert "image_details" not in value
    assert_clean(value, format_id, profile)


@pytest.mark.parametrize("format_id", TRAINING)
def test_details_come_and_go_where_nobody_asked(format_id: str) -> None:
    drawn = sample(STRATEGIES[format_id]())
    assert {"image_details" in value for value in drawn} == {True, False}
    assert {frozenset(value["image_details"]) for value in drawn if "image_details" in value} >= {
        frozenset(),
        frozenset({"format", "width", "height"}),
    }


def pixels_of(box: dict[str, Any], width: int, height: int) -> set[tuple[int, int]]:
    """Return the pixels of a box, whose corners must lie on the edges of pixels."""
    corners = []
    for key, length in (("topX", width), ("topY", height), ("bottomX", width), ("bottomY", height)):
        pixel = round(Fraction(float(box[key])) * length)
        assert float(box[key]) == pixel / length
        corners.append(pixel)
    left, top, right, bottom = corners
    return {(x, y) for x in range(left, right) for y in range(top, bottom)}


def assert_separate(value: dict[str, Any], width: int, height: int) -> None:
    seen: set[tuple[int, int]] = set()
    for box in value["label"]:
        pixels = pixels_of(box, width, height)
        assert pixels
        assert not pixels & seen
        seen |= pixels
    assert seen <= {(x, y) for x in range(width) for y in range(height)}


@pytest.mark.parametrize("profile", PROFILES)
@given(data=st.data())
def test_separate_boxes_share_no_pixel_of_the_grid(profile: Profile, data: st.DataObject) -> None:
    width, height = grid = data.draw(FEW_PIXELS)
    low = data.draw(st.integers(0, width * height))
    high = data.draw(st.integers(low, width * height + 9))
    value = data.draw(
        visionfmt.azure_od_record(separate=True, grid=grid, min_objects=low, max_objects=high, profile=profile)
    )
    assert low <= len(value["label"]) <= min(high, width * height)
    assert_separate(value, width, height)
    assert_clean(value, "azure-od-record", profile)


@given(data=st.data())
def test_separate_boxes_lie_on_the_pixels_of_the_record_s_own_size(data: st.DataObject) -> None:
    sizes = data.draw(st.sampled_from([None, FEW_PIXELS]))
    value = data.draw(visionfmt.azure_od_record(separate=True, image_sizes=sizes, min_objects=1, max_objects=9))
    width, height = size_of(value)
    for box in value["label"]:
        for key, length in (("topX", width), ("topY", height), ("bottomX", width), ("bottomY", height)):
            assert box[key] == round(box[key] * length) / length
    if width * height <= 144:
        assert_separate(value, width, height)
    assert_clean(value, "azure-od-record")


@given(data=st.data())
def test_an_own_size_has_a_pixel_for_every_box_asked_for(data: st.DataObject) -> None:
    low = data.draw(st.integers(1, 40))
    value = data.draw(visionfmt.azure_od_record(separate=True, min_objects=low, max_objects=low))
    width, height = size_of(value)
    assert len(value["label"]) == low <= width * height


@given(FEW_PIXELS, st.data())
def test_as_many_boxes_as_pixels_fill_the_image(grid: tuple[int, int], data: st.DataObject) -> None:
    number = grid[0] * grid[1]
    strategy = visionfmt.azure_od_record(separate=True, grid=grid, min_objects=number, max_objects=number)
    value = data.draw(strategy)
    assert_separate(value, *grid)
    assert len(value["label"]) == number


def test_details_agree_with_the_grid() -> None:
    drawn = sample(visionfmt.azure_od_record(separate=True, grid=(640, 480)))
    details = [value["image_details"] for value in drawn if "image_details" in value]
    assert 50 < len(details) < len(drawn)
    assert {str(d["width"]).removesuffix("px") for d in details if "width" in d} == {"640"}
    assert {str(d["height"]).removesuffix("px") for d in details if "height" in d} == {"480"}


def test_separate_boxes_differ_in_place_and_size() -> None:
    for number in (1, 3):
        drawn = sample(visionfmt.azure_od_record(separate=True, grid=(6, 6), min_objects=number, max_objects=number))
        boxes = [box for value in drawn for box in value["label"]]
        for key in ("topX", "topY"):
            assert {box[key] for box in boxes} == {k / 6 for k in range(6)}
            assert {box[key.replace("top", "bottom")] for box in boxes} == {k / 6 for k in range(1, 7)}
    assert {key for box in boxes for key in box} == {"label", "topX", "topY", "bottomX", "bottomY", "isCrowd"}


OD: Any = visionfmt.azure_od_record
MULTICLASS: Any = visionfmt.azure_multiclass_record
WRONG: list[tuple[Callable[[], st.SearchStrategy[Any]], str]] = [
    (lambda: OD(min_objects=3, max_objects=2), "min_objects=3 is larger than max_objects=2"),
    (lambda: visionfmt.azure_is_record(min_objects=-1), "min_objects=-1 is negative"),
    (lambda: visionfmt.azure_multilabel_record(min_labels=9), "min_labels=9 is larger than max_labels=8"),
    (lambda: OD(max_objects=2.5), "max_objects=2.5 is not an integer"),
    (lambda: OD(min_objects=True), "min_objects=True is not an integer"),
    (lambda: OD(labels=["cat"]), r"labels=\['cat'\] is not a strategy"),
    (lambda: OD(image_urls="a.jpg"), "image_urls='a.jpg' is not a strategy"),
    (lambda: OD(image_sizes=(640, 480)), r"image_sizes=\(640, 480\) is not a strategy"),
    (lambda: OD(profile="page"), "profile='page' is neither of"),
    (lambda: record("azure-od-record", profile="page"), "profile='page' is neither of"),  # type: ignore[arg-type]
    (lambda: OD(with_details=1), "with_details=1 is neither of True, False, None"),
    (
        lambda: MULTICLASS(image_sizes=st.just((6, 4)), with_details=False),
        r"with_details=False leaves no place for image_sizes=just\(\(6, 4\)\)",
    ),
    (lambda: MULTICLASS(image_sizes=st.just((640, 0))), r"drew \(640, 0\), which is no pair of positive integers"),
    (lambda: MULTICLASS(image_sizes=st.just((True, 4))), r"drew \(True, 4\), which is no pair"),
    (lambda: MULTICLASS(image_sizes=st.just((6.0, 4))), r"drew \(6.0, 4\), which is no pair"),
    (lambda: MULTICLASS(image_sizes=st.just((6, 4, 3))), r"drew \(6, 4, 3\), which is no pair"),
    (lambda: MULTICLASS(image_sizes=st.just("64")), "drew '64', which is no pair"),
    (lambda: OD(separate=1), "separate=1 is neither of True, False"),
    (lambda: OD(grid=(8, 8)), r"grid=\(8, 8\) is for separate=True, not for separate=False"),
    (lambda: OD(separate=True, grid=8), "grid=8 is not a pair of positive integers"),
    (lambda: OD(separate=True, grid=(8, 0)), r"grid=\(8, 0\) is not a pair of positive integers"),
    (lambda: OD(separate=True, grid=(8.0, 8)), r"grid=\(8.0, 8\) is not a pair of positive integers"),
    (
        lambda: OD(separate=True, grid=(2, 3), min_objects=7),
        r"min_objects=7 is larger than the number of pixels, 6, of grid=\(2, 3\)",
    ),
    (
        lambda: OD(separate=True, image_sizes=st.just((1, 2)), min_objects=3),
        "min_objects=3 is larger than the number of pixels, 2, of an image of 1 x 2",
    ),
    (
        lambda: OD(separate=True, grid=(2, 3), image_sizes=st.just((6, 4))),
        r"grid=\(2, 3\) and image_sizes=just\(\(6, 4\)\) both say how large the image is",
    ),
    (lambda: OD(separate=True, with_details=False), "separate=True takes the size from .* with_details=False"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[row[1] for row in WRONG])
def test_a_wrong_argument_raises_when_first_drawn_from(make: Callable[[], Any], message: str) -> None:
    strategy = make()  # not here, as with Hypothesis's own strategies
    with pytest.raises(InvalidArgument, match=message):
        minimal(strategy)


def test_a_wrong_argument_raises_after_an_equal_right_one() -> None:
    assert minimal(OD(separate=True, grid=(8, 8), min_objects=1))
    with pytest.raises(InvalidArgument, match=r"grid=\(8.0, 8\)"):
        minimal(OD(separate=True, grid=(8.0, 8), min_objects=1))
    with pytest.raises(InvalidArgument, match="min_objects=True"):
        minimal(OD(separate=True, grid=(8, 8), min_objects=True))
