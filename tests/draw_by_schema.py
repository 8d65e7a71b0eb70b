"""Draw records from the schema files with hypothesis-jsonschema: a source that knows nothing of this package.

    python tests/draw_by_schema.py FOLDER [--count N]

makes an environment of its own in a temporary folder, since hypothesis-jsonschema does not run with the
Hypothesis of today, and writes N records of every schema file to ``FOLDER``, as JSON Lines.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from importlib import import_module
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
FEW = {"evaluation.schema.json": 3}  # a minute or more for each, and not every one becomes a document
PINNED = ("hypothesis==6.170.9", "hypothesis-jsonschema==0.23.1")


def lines_file(folder: Path, schema_file: str) -> Path:
    """Return the file that the records of a schema file are written to."""
    return folder / schema_file.replace("/", "-").replace(".schema.json", ".jsonl")


def draw_all(folder: Path, count: int) -> None:
    """Write records of every schema file; runs where hypothesis-jsonschema is installed."""
    for path in sorted(SCHEMAS.rglob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        del schema["$id"]  # a urn, below which it cannot follow a reference within a reference
        values = draw(schema, FEW.get(path.name, count))
        text = "".join(json.dumps(value) + "\n" for value in values)
        lines_file(folder, path.relative_to(SCHEMAS).as_posix()).write_text(text, encoding="utf-8")


def draw(schema: dict[str, Any], count: int) -> list[Any]:
    """Return so many values of a schema, the same in every run."""
    from hypothesis import HealthCheck, Phase, given, settings

    values: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(import_module("hypothesis_jsonschema").from_schema(schema))
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    return values


def draw_in_own_environment(folder: Path, count: int) -> None:
    """Make the environment and draw there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="draw-by-schema-") as home:
        venv.create(home, with_pip=True)
        python = str(Path(home, "Scripts" if sys.platform == "win32" else "bin", "python"))
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PINNED], check=True)
        command = [python, __file__, str(folder.resolve()), "--count", str(count), "--here"]
        subprocess.run(command, check=True, cwd=home)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw records from the schema files with hypothesis-jsonschema.")
    parser.add_argument("folder", type=Path, help="where to write the records, one file for each schema")
    parser.add_argument("--count", type=int, default=100, help="how many records of each schema")
    parser.add_argument("--here", action="store_true", help="draw in this environment, which has what is needed")
    arguments = parser.parse_args()
    (draw_all if arguments.here else draw_in_own_environment)(arguments.folder, arguments.count)


if __name__ == "__main__":
    main()
