"""What hypothesis-jsonschema costs for a detection record: ``python benchmarks/from_schema.py``.

It needs an environment of its own, with hypothesis==6.170.9 and hypothesis-jsonschema==0.23.1, and
this package on the path. It draws by the schema alone: boxes whose corners are in order are not asked for.
"""

from __future__ import annotations

from importlib import import_module

from draw import EMPTY, empty_test
from hypothesis import strategies as st
from ratios import ratios

from pytest_visionfmt import azure_od_record, named


def main() -> None:
    from_schema = import_module("hypothesis_jsonschema").from_schema  # not among what the checks install
    name = "from_schema(schema of azure-od-record)"
    found = ratios(
        {
            EMPTY: empty_test(st.integers()),
            "azure_od_record()": empty_test(azure_od_record()),
            name: empty_test(from_schema(dict(named("azure-od-record").schema()))),
        },
        baseline=EMPTY,
    )
    for strategy, ratio in found.items():
        print(f"{ratio:8.2f}  {strategy}")
    print(f"{found[name] / found['azure_od_record()']:8.2f} times as fast as from_schema: azure_od_record()")


if __name__ == "__main__":
    main()
