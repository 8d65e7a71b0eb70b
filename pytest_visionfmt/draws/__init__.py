"""How the records of each family are drawn and broken: what a schema cannot say about either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_visionfmt.breaches import Breaches
from pytest_visionfmt.draws.azure_training import draw_training_record
from pytest_visionfmt.draws.azure_training_breaches import training_breaches
from pytest_visionfmt.formats.azure_training import FORMATS

__all__ = ["BREACHES", "DRAWS"]

DRAWS: dict[str, Callable[..., Any]] = {format_.id: draw_training_record for format_ in FORMATS}
"""The function that draws a record of a format of the table, by the format's id."""

BREACHES: dict[str, Callable[..., Breaches]] = {format_.id: training_breaches for format_ in FORMATS}
"""The function that returns the breaches of a format of the table, by the format's id."""
