"""COCO to Azure detection records, with three bugs as people write them: fuzz it and see."""

from __future__ import annotations

from typing import Any

STORE = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/"


def to_detection(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a detection record for each image of a COCO document, more or less."""
    names = [category["name"] for category in document["categories"]]
    records: dict[int, dict[str, Any]] = {}
    images = {image["id"]: image for image in document["images"]}
    for annotation in document["annotations"]:
        image = images[annotation["image_id"]]
        details = {"width": image["width"], "height": image["height"]}
        new = {"image_url": STORE + image["file_name"], "image_details": details, "label": []}
        record = records.setdefault(image["id"], new)  # an image without an object gets no record
        x, y, width, height = annotation["bbox"]
        box = {
            "label": names[annotation["category_id"] - 1],  # ids are not always 1, 2, 3
            "topX": x / image["width"],
            "topY": y / image["height"],
            "bottomX": min((x + width) / image["width"], 1.0),
            "bottomY": min((y + height) / image["height"], 1.0),
        }
        record["label"].append(box)  # and isCrowd is lost
    return list(records.values())
