"""Testing one's own converter: here, from detection records to YOLO's text labels."""

from typing import Any

from hypothesis import given

from pytest_visionfmt import azure_od_record


def to_yolo(record: dict[str, Any], classes: list[str]) -> list[str]:
    """Return a line ``class x-centre y-centre width height`` for each box of a record."""
    lines = []
    for box in record["label"]:
        x, y = (box["topX"] + box["bottomX"]) / 2, (box["topY"] + box["bottomY"]) / 2
        width, height = box["bottomX"] - box["topX"], box["bottomY"] - box["topY"]
        lines.append(f"{classes.index(box['label'])} {x} {y} {width} {height}")
    return lines


@given(azure_od_record())
def test_no_box_is_lost_or_leaves_the_image(record: dict[str, Any]) -> None:
    classes = sorted({box["label"] for box in record["label"]})
    lines = to_yolo(record, classes)
    assert len(lines) == len(record["label"])
    for line, box in zip(lines, record["label"], strict=True):
        index, x, y, width, height = line.split()
        assert classes[int(index)] == box["label"]
        assert float(width) > 0
        assert float(height) > 0
        assert abs(float(x) - float(width) / 2 - box["topX"]) < 1e-9
        assert abs(float(y) + float(height) / 2 - box["bottomY"]) < 1e-9
