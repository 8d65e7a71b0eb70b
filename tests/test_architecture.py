"""The floors of the house: imports go down only, and nobody pays for what they do not use."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_visionfmt

PACKAGE = Path(pytest_visionfmt.__file__).parent

# A module may import from its own floor and from those below.
FLOORS = [
    {"data_files", "findings", "json_paths", "schema_files", "values"},
    {"annotations", "format", "formats", "geometry", "image_facts", "image_headers", "locations", "schema_nodes"},
    {
        "accepting",
        "checking_bundle",
        "checking",
        "checking_datasets",
        "checking_files",
        "checking_paths",
        "json_quotes",
        "exchange",
        "checking_images",
        "json_scan",
        "line_reading",
        "parsing",
        "parts",
        "reading",
        "recognition",
        "report",
        "schema_bounds",
        "schema_decoders",
        "schema_findings",
        "sharding",
        "texts",
    },
    {
        "breaches",
        "bundle",
        "byte_draws",
        "draws",
        "edges",
        "file_breaches",
        "grounds",
        "invalid",
        "jsonl_writing",
        "schema_breaches",
        "schema_refusals",
        "dataset_files",
        "datasets",
        "encoders",
        "image_claims",
        "images",
        "painting",
        "sample_breaches",
        "sample_folders",
        "sampled_images",
        "sampling",
        "schema_strategies",
        "outputs",
        "strategies",
        "value_decoders",
        "whole_files",
    },
    {
        "annotation_diffs",
        "assertions",
        "comparing",
        "comparing_objects",
        "conversions",
        "facets",
        "from_type",
        "fuzzing",
        "grading",
        "interchange",
        "laws",
        "manifests",
        "prediction_diffs",
        "reports",
        "shown",
        "tolerance",
        "types",
    },
    {
        "commands",
        "fuzz_command",
        "fuzz_items",
        "plugin",
        "plugin_assertions",
        "plugin_fixtures",
        "plugin_reports",
        "__main__",
    },
]
FLOOR_OF = {module: number for number, modules in enumerate(FLOORS) for module in modules}
HEAVY = {"hypothesis", "jsonschema_rs", "msgspec", "PIL", "numpy"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    """Return the modules that a file imports, TYPE_CHECKING blocks left out where asked for."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def home(path: Path) -> str:
    """Return the floor's name of a module: its file's, or its folder's."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def test_every_module_has_a_floor() -> None:
    assert {home(path) for path in MODULES} == set(FLOOR_OF)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    above = {
        name
        for name in imports(path)
        if name.startswith("pytest_visionfmt.") and FLOOR_OF.get(name.split(".")[1], -1) > FLOOR_OF[home(path)]
    }
    assert not above


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_hypothesis_is_imported_for_drawing_only(path: Path) -> None:
    if FLOOR_OF[home(path)] < FLOOR_OF["strategies"]:
        assert not {name for name in imports(path) if name.split(".")[0] == "hypothesis"}


@pytest.mark.parametrize("name", ["plugin.py", "plugin_assertions.py", "plugin_fixtures.py", "plugin_reports.py"])
def test_the_plugin_imports_pytest_and_the_standard_library_only(name: str) -> None:
    found = imports(PACKAGE / name, top_level_only=True)
    ours = {module for module in found if module.startswith("pytest_visionfmt.plugin_")}
    assert {module.split(".")[0] for module in found - ours} <= {"pytest", *sys.stdlib_module_names}


def loaded_by(code: str, *arguments: str, cwd: Path | None = None) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after running ``code``."""
    script = f"{code}\nimport sys\nprint('LOADED', *sorted(sys.modules))"
    command = [sys.executable, "-c", script, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd)
    line = next(line for line in run.stdout.splitlines() if line.startswith("LOADED"))
    return {name.split(".")[0] for name in line.split()[1:]}


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_by("import pytest_visionfmt; dir(pytest_visionfmt)") & (HEAVY | {"pytest"})


def test_checking_a_file_does_not_load_hypothesis(tmp_path: Path) -> None:
    data = tmp_path / "a.jsonl"
    data.write_text('{"image_url": 1}\n')
    code = (
        "import sys; from pytest_visionfmt.__main__ import main; assert main(['check', sys.argv[1]]) == 1;"
        "assert main(['check-bundle', '--input', sys.argv[1]]) == 1"
    )
    loaded = loaded_by(code, str(data))
    assert "jsonschema_rs" in loaded
    assert not loaded & {"hypothesis", "pytest", "PIL"}


def test_writing_and_checking_a_dataset_does_not_load_hypothesis(tmp_path: Path) -> None:
    code = (
        "import sys; from pytest_visionfmt import check_file, write_dataset;"
        "record = {'image_url': 'azureml://datastores/d/paths/a.jpg', 'label': 'a'};"
        "check_file(write_dataset(sys.argv[1], [record]), images='full')"
    )
    loaded = loaded_by(code, str(tmp_path))
    assert "PIL" in loaded
    assert not loaded & {"hypothesis", "pytest"}


def test_a_pytest_check_does_not_load_hypothesis(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"image_url": 1}\n')
    # Hypothesis's own plugin loads a part of it for the summary of any run, so that is left out.
    options = ["-q", "--visionfmt-check", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    code = f"import pytest; assert pytest.main({options}) == 1"
    assert "hypothesis" not in loaded_by(code, cwd=tmp_path)


def test_an_unrelated_run_loads_nothing_heavy_because_of_us(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n")
    code = "import pytest; assert pytest.main(['-q', '-p', 'no:cacheprovider', *{extra}]) == 0"
    with_us = loaded_by(code.format(extra=[]), cwd=tmp_path)
    without = loaded_by(code.format(extra=["-p", "no:visionfmt"]), cwd=tmp_path)
    assert "pytest_visionfmt" in with_us
    assert with_us - without <= {"pytest_visionfmt"}


def test_every_public_name_is_there_and_listed() -> None:
    assert sorted(pytest_visionfmt.__all__) == sorted(pytest_visionfmt._HOME_OF)
    for name in pytest_visionfmt.__all__:
        assert getattr(pytest_visionfmt, name) is not None
    assert set(pytest_visionfmt.__all__) <= set(dir(pytest_visionfmt))


def test_type_checkers_see_every_public_name() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == set(pytest_visionfmt.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="azure_od_rekord"):
        _ = pytest_visionfmt.azure_od_rekord
