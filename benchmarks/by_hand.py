"""A detection record as one would write its strategy by hand, with ``st.builds`` and ``st.lists``."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

__all__ = ["detection_record"]

_UNIT = st.floats(0, 1)
_FORMAT = st.sampled_from(["jpg", "jpeg", "png", "jpe", "jfif", "bmp", "tif", "tiff"])
_PIXELS = st.integers(1, 10000) | st.integers(1, 10000).map(lambda n: f"{n}px")


def _box(label: str, x0: float, y0: float, x1: float, y1: float, is_crowd: Any) -> dict[str, Any]:
    (left, right), (top, bottom) = sorted((x0, x1)), sorted((y0, y1))
    box = {"label": label, "topX": left, "topY": top, "bottomX": right, "bottomY": bottom}
    return box if is_crowd is None else {**box, "isCrowd": is_crowd}


def _has_area(box: dict[str, Any]) -> bool:
    return bool(box["topX"] < box["bottomX"] and box["topY"] < box["bottomY"])


def _record(name: str, extension: str, details: dict[str, Any] | None, label: list[Any]) -> dict[str, Any]:
    url = f"azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/{name}.{extension}"
    return {"image_url": url, **({} if details is None else {"image_details": details}), "label": label}


def detection_record(max_objects: int = 8) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for Azure object detection records with the same keys as ours."""
    label = st.text(min_size=1, max_size=12)
    is_crowd = st.sampled_from([None, 0, 1, False, True])
    box = st.builds(_box, label, _UNIT, _UNIT, _UNIT, _UNIT, is_crowd).filter(_has_area)
    details = st.fixed_dictionaries({}, optional={"format": _FORMAT, "width": _PIXELS, "height": _PIXELS})
    name = st.text("abcXYZ019_-.", min_size=1, max_size=8)
    return st.builds(_record, name, _FORMAT, st.none() | details, st.lists(box, max_size=max_objects))
