"""What a stranger gets: the wheel, the source archive, and a zip on the path."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCHEMAS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "schemas").rglob("*.json"))
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pytest_visionfmt").rglob("*.py"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"), "wheel")


def build(folder: Path, target: str) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def test_the_wheel_holds_the_package_and_the_schemas_and_nothing_else(wheel: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    wanted = [*MODULES, "pytest_visionfmt/py.typed", *(f"pytest_visionfmt/{name}" for name in SCHEMAS)]
    assert sorted(names) == sorted(wanted)


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    read = {
        name.rpartition("/")[2]: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name
    }
    assert "visionfmt = pytest_visionfmt.plugin" in read["entry_points.txt"]
    assert "visionfmt = pytest_visionfmt.__main__:main" in read["entry_points.txt"]
    assert "[hypothesis]\nvisionfmt = pytest_visionfmt.from_type:register\n" in read["entry_points.txt"]
    for classifier in ("Framework :: Pytest", "Framework :: Hypothesis", "Typing :: Typed"):
        assert f"Classifier: {classifier}\n" in read["METADATA"]
    assert "LICENSE" in read


def test_the_source_archive_builds_the_same_wheel(tmp_path: Path, wheel: Path) -> None:
    archive = build(tmp_path, "sdist")
    tarfile.open(archive).extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (again,) = (tmp_path / "again").iterdir()
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_the_schemas_are_found_in_a_zip(wheel: Path, tmp_path: Path) -> None:
    code = (
        "import pytest_visionfmt as v; assert '.whl' in v.__file__, v.__file__;"
        "print(v.named('azure-od-record').schema()['$id'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(wheel)!r}); {code}"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert run.stdout.strip() == "urn:visionfmt:azure-od-record"


def test_no_python_file_stands_among_the_schemas() -> None:
    assert not list((ROOT / "schemas").rglob("*.py"))
