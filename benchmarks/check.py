"""What checking a clean file costs, against parsing it: ``python benchmarks/check.py``."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st
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


def main() -> None:
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
