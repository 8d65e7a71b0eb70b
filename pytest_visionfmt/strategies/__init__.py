"""The public strategies: one for every documented format, and ``record`` for any."""

from __future__ import annotations

from pytest_visionfmt.strategies.any_format import record
from pytest_visionfmt.strategies.azure_training import (
    azure_is_record,
    azure_multiclass_record,
    azure_multilabel_record,
    azure_od_record,
)

__all__ = [
    "azure_is_record",
    "azure_multiclass_record",
    "azure_multilabel_record",
    "azure_od_record",
    "record",
]
