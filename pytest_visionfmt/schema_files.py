"""Find and load the JSON Schema files, whether this is a wheel, a zip or a checkout."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

__all__ = ["load_schema", "schema_text"]


@cache
def _root() -> Traversable:
    packaged = files("pytest_visionfmt").joinpath("schemas")
    if packaged.is_dir():
        return packaged
    # An editable install serves the package from the checkout, where the schemas stand beside it.
    beside = Path(__file__).resolve().parent.parent / "schemas"
    if beside.is_dir():
        return beside
    raise FileNotFoundError(f"the schema files are neither in {packaged} nor in {beside}: reinstall pytest-visionfmt")


def schema_text(name: str) -> str:
    """Return the text of one of our schema files, ``azure/od-record.schema.json``."""
    return _root().joinpath(*name.split("/")).read_text(encoding="utf-8")


def load_schema(name: str) -> dict[str, Any]:
    """Return one of our schema files as a fresh value, which the caller may edit."""
    schema: dict[str, Any] = json.loads(schema_text(name))
    return schema
