"""What an invalid record costs, against the valid one that it is made of: ``python benchmarks/break.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ratios import ratios

from pytest_visionfmt import TABLE, invalid_record, record
from pytest_visionfmt.draws import BREACHES

SETTINGS = settings(max_examples=2000, database=None, deadline=None)
MOST = 2.0


def empty_test(strategy: st.SearchStrategy[Any]) -> Callable[[], None]:
    @SETTINGS
    @given(strategy)
    def test(value: Any) -> None:
        pass

    return test


def main() -> None:
    for format_id in TABLE:
        if format_id not in BREACHES:
            continue
        valid = f"record({format_id!r})"
        invalid = f"invalid_{valid}"
        functions = {valid: empty_test(record(format_id)), invalid: empty_test(invalid_record(format_id))}
        found = ratios(functions, baseline=valid)
        for name, ratio in found.items():
            print(f"{ratio:6.2f}  {name}")
        assert found[invalid] <= MOST, f"an invalid record costs more than {MOST} times a valid one"


if __name__ == "__main__":
    main()
