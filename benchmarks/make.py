"""What making and reading images and datasets costs, against Pillow alone: ``python benchmarks/make.py``."""

from __future__ import annotations

import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from ratios import ratios

from pytest_visionfmt import (
    azure_multiclass_record,
    azure_od_record,
    check_file,
    facts_of,
    image_for,
    named,
    write_dataset,
)
from pytest_visionfmt.encoders import plain_image
from pytest_visionfmt.painting import PixelBox

OD = "azure-od-record"
URL = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/images/"
TYPES = {"jpg": "JPEG", "png": "PNG", "bmp": "BMP", "tif": "TIFF"}
SETTINGS = settings(max_examples=2000, database=None, deadline=None)
COLOURS = [(255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255), (0, 255, 255)]


def detection(number: int, width: int, height: int, ending: str, boxes: int) -> dict[str, Any]:
    """Return a record with so many boxes of any size anywhere, the same in every run."""
    rng = random.Random(number)
    label = []
    for _ in range(boxes):
        left, right = sorted(rng.sample(range(width + 1), 2))
        top, bottom = sorted(rng.sample(range(height + 1), 2))
        corners = {"topX": left / width, "topY": top / height, "bottomX": right / width, "bottomY": bottom / height}
        label.append({"label": "a", **corners})
    details = {"format": ending, "width": width, "height": height}
    return {"image_url": f"{URL}{number}.{ending}", "image_details": details, "label": label}


def by_pillow(boxes: list[PixelBox | None], size: tuple[int, int], target: Any, type_: str) -> None:
    """Draw boxes and save the picture as Pillow does by default."""
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for i, box in enumerate(boxes):
        if box:
            draw.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=COLOURS[i % len(COLOURS)])
    image.save(target, type_)


def show(title: str, found: dict[str, float]) -> None:
    """Print what each thing costs; the rate against the first is its reciprocal."""
    print(title)
    for name, ratio in found.items():
        print(f"{ratio:8.3f}  {1 / ratio:7.2f} times the rate  {name}")


def painted() -> None:
    for ending in ("jpg", "png"):
        records = [detection(number, 640, 480, ending, number % 9) for number in range(54)]
        drawn = [list(image_for(record, OD).boxes) for record in records]

        def pillow(ending: str = ending, drawn: list[Any] = drawn) -> None:
            for boxes in drawn:
                by_pillow(boxes, (640, 480), io.BytesIO(), TYPES[ending])

        def ours(records: list[Any] = records) -> None:
            for record in records:
                image_for(record, OD)

        title = f"{ending}, 640 x 480, 0 to 8 boxes"
        show(title, ratios({"Pillow draws and saves": pillow, "image_for": ours}, baseline="Pillow draws and saves"))


def plain() -> None:
    for ending, type_ in TYPES.items():

        def pillow(type_: str = type_) -> None:
            for _ in range(100):
                Image.new("RGB", (64, 64)).save(io.BytesIO(), type_)

        def ours(type_: str = type_) -> None:
            for _ in range(100):
                plain_image(type_, 64, 64)

        show(f"{ending}, plain, 64 x 64", ratios({"Pillow encodes": pillow, "plain_image": ours}, "Pillow encodes"))


def in_given() -> None:
    def test(strategy: st.SearchStrategy[Any]) -> Callable[[], None]:
        @SETTINGS
        @given(strategy)
        def run(value: Any) -> None:
            pass

        return run

    def sized(record: dict[str, Any]) -> object:
        record["image_details"] = {"width": 64, "height": 64}
        return image_for(record, OD)

    def classified(record: dict[str, Any]) -> object:
        record["image_details"] = {"width": 64, "height": 64}
        return image_for(record, "azure-multiclass-record")

    empty = "an empty test, st.integers()"
    found = ratios(
        {
            empty: test(st.integers()),
            "azure_multiclass_record() with its image of 64 x 64": test(azure_multiclass_record().map(classified)),
            "azure_od_record()": test(azure_od_record()),
            "azure_od_record() with its image of 64 x 64": test(azure_od_record().map(sized)),
        },
        baseline=empty,
    )
    show("inside @given", found)


def headers(folder: Path) -> None:
    for ending in (*TYPES, "all four"):
        files = []
        for number in range(10_000):
            name = list(TYPES)[number % 4] if ending == "all four" else ending
            path = folder / ending / f"{number}.{name}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(plain_image(TYPES[name], 64, 64))
            files.append(str(path))

        def pillow(files: list[str] = files) -> None:
            for file in files:
                with Image.open(file) as image:
                    assert image.size == (64, 64)

        def ours(files: list[str] = files) -> None:
            for file in files:
                facts_of(file)

        found = ratios({"PIL.Image.open": pillow, "facts_of": ours}, "PIL.Image.open", rounds=3)
        show(f"{ending}, headers of 10 000 files of 64 x 64", found)


def written(folder: Path) -> None:
    records = [detection(number, 64, 64, list(TYPES)[number % 4], number % 9) for number in range(1000)]
    drawn = [list(image_for(record, OD).boxes) for record in records]

    def bare() -> None:
        shutil.rmtree(folder / "bare", ignore_errors=True)
        (folder / "bare/images").mkdir(parents=True)
        with open(folder / "bare/data.jsonl", "w", encoding="utf-8") as lines:
            for number, (record, boxes) in enumerate(zip(records, drawn, strict=True)):
                ending = record["image_details"]["format"]
                by_pillow(boxes, (64, 64), folder / f"bare/images/{number}.{ending}", TYPES[ending])
                lines.write(json.dumps(record) + "\n")

    def ours() -> None:
        shutil.rmtree(folder / "ours", ignore_errors=True)
        write_dataset(folder / "ours", records, format=OD)

    show("1000 records with images of 64 x 64", ratios({"a bare loop": bare, "write_dataset": ours}, "a bare loop"))
    path = folder / "ours" / f"{named(OD).id}.jsonl"

    def opened() -> None:
        for number, record in enumerate(records):
            with Image.open(folder / f"ours/images/{number}.{record['image_details']['format']}"):
                pass

    found = ratios(
        {
            "PIL.Image.open on each": opened,
            "check_file": lambda: check_file(path),
            "check_file, images='headers'": lambda: check_file(path, images="headers"),
            "check_file, images='full'": lambda: check_file(path, images="full"),
        },
        baseline="PIL.Image.open on each",
    )
    show("checking them", found)


def main() -> None:
    painted()
    plain()
    in_given()
    with tempfile.TemporaryDirectory() as folder:
        headers(Path(folder))
        written(Path(folder))


if __name__ == "__main__":
    main()
