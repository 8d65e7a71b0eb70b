"""What checking a clean file costs, against parsing it: ``python benchmarks/check.py``."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from ratios import ratios

from pytest_visionfmt import azure_is_record, azure_multiclass_record, azure_od_record, check_bytes, named

LINES = 1000


def drawn(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """Return a few hundred records, the same in every run."""
    records: list[Any] = []

    @settings(max_examples=300, database=None, deadline=None, derandomize=True)
    @given(strategy)
    def collect(record: Any) -> None:
        records.append(record)

    collect()
    return records


def bulk(strategy: st.SearchStrategy[Any]) -> bytes:
    """Return a clean file of so many lines, each of an image of its own."""
    records = drawn(strategy)
    lines = []
    for n in range(LINES):
        record = records[n % len(records)]
        folder, _, _ = record["image_url"].rpartition("/")
        lines.append(json.dumps({**record, "image_url": f"{folder}/{n}.jpg"}, ensure_ascii=False))
    return ("\n".join(lines) + "\n").encode()


def parsed(content: bytes) -> Callable[[], None]:
    def loop() -> None:
        for line in content.splitlines():
            json.loads(line)

    return loop


def by_the_reference(content: bytes, format_id: str) -> Callable[[], None]:
    validator = jsonschema.Draft202012Validator(dict(named(format_id).schema()))

    def loop() -> None:
        for line in content.splitlines():
            list(validator.iter_errors(json.loads(line)))

    return loop


def explained(size: int = 224) -> bytes:
    """Return a response with one attribution and one visualization of the default size, the largest document of all."""
    numbers = random.Random(0)
    channels = [[[numbers.gauss(0, 1e-3) for _ in range(size)] for _ in range(size)] for _ in range(3)]
    picture = BytesIO()
    Image.frombytes("RGB", (size, size), numbers.randbytes(3 * size * size)).save(picture, "PNG")
    text = base64.b64encode(picture.getvalue()).decode()
    item = {"probs": [0.25, 0.75], "labels": ["can", "carton"], "visualizations": text, "attributions": channels}
    return json.dumps([item]).encode()


def show_document(content: bytes, format_id: str) -> None:
    """Print what checking one document costs; the reference implementation takes seconds for it, and is left out."""
    assert not check_bytes(content, format_id).findings
    found = ratios(
        {"json.loads": partial(json.loads, content), "check_bytes": partial(check_bytes, content, format_id)},
        baseline="json.loads",
    )
    print(f"{format_id}, one document of {len(content)} bytes")
    for name, ratio in found.items():
        print(f"{ratio:8.2f}  {name}")


def main() -> None:
    show_document(explained(), "azure-multiclass-xai-response")
    for format_id, strategy in (
        ("azure-multiclass-record", azure_multiclass_record()),
        ("azure-od-record", azure_od_record(min_objects=1)),
        ("azure-is-record", azure_is_record(min_objects=1)),
    ):
        content = bulk(strategy)
        assert not check_bytes(content, format_id).findings
        found = ratios(
            {
                "json.loads": parsed(content),
                "check_bytes": partial(check_bytes, content, format_id),
                "json.loads and jsonschema.iter_errors": by_the_reference(content, format_id),
            },
            baseline="json.loads",
        )
        print(f"{format_id}, {LINES} lines of {len(content) // LINES} bytes")
        for name, ratio in found.items():
            print(f"{ratio:8.2f}  {name}")


if __name__ == "__main__":
    main()
