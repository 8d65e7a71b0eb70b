"""A validator as one writes it in ten minutes, for detection records. How good is it? The test beside it says."""

from typing import Any


def validate(record: dict[str, Any]) -> None:
    """Raise ``ValueError`` where a record does not look right."""
    if "image_url" not in record or "label" not in record:
        raise ValueError("image_url and label are required")
    if not record["image_url"].startswith("azureml://"):
        raise ValueError("not an azureml URL")
    for box in record["label"]:
        for key in ("topX", "topY", "bottomX", "bottomY"):
            if key not in box:
                raise ValueError(f"{key} is missing")
            if not 0 <= box[key] <= 1:
                raise ValueError(f"{key} is not a ratio")
        if box["topX"] > box["bottomX"] or box["topY"] > box["bottomY"]:
            raise ValueError("the corners are the wrong way round")
