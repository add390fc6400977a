"""A machine is made of the programs in one folder; each test takes one away or makes it old."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "prerequisites.sh"
USUAL = ("sh", "sort", "head", "sed", "printf")
VERSIONS = {
    "java": """echo 'openjdk version "17.0.15" 2025-04-15' >&2""",
    "mvn": "echo Apache Maven 3.8.7",
    "node": "echo v20.20.2",
    "npm": "echo 10.8.2",
}


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine that has everything."""
    for name in USUAL:
        found = shutil.which(name)
        if found:
            (tmp_path / name).symlink_to(found)
    for name, text in VERSIONS.items():
        program(tmp_path, name, text)
    return tmp_path


def check(machine: Path, python: str = sys.executable) -> tuple[int, str]:
    """Exit status and what was said."""
    command = [str(machine / "sh"), str(SCRIPT), python]
    done = subprocess.run(command, env={"PATH": str(machine)}, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_a_machine_with_everything_is_told_nothing(machine: Path) -> None:
    assert check(machine) == (0, "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("java", "graphsvc needs Java 17 or later; install the package openjdk-17-jre-headless.\n"),
        ("mvn", "graphsvc needs Maven; install the package maven.\n"),
        ("npm", "graphsvc needs npm; install the package npm.\n"),
    ],
)
def test_what_is_missing_is_named_with_its_package(machine: Path, name: str, said: str) -> None:
    (machine / name).unlink()
    assert check(machine) == (1, said)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("java", """echo 'openjdk version "11.0.2" 2019-01-15' >&2""", "needs Java 17 or later"),
        ("java", """echo 'java version "1.8.0_202"' >&2""", "needs Java 17 or later"),
        ("node", "echo v18.20.4", "needs Node 20.19 or later"),
        ("node", "echo v20.9.0", "needs Node 20.19 or later"),
    ],
)
def test_what_is_too_old_is_missing(machine: Path, name: str, text: str, said: str) -> None:
    program(machine, name, text)
    status, told = check(machine)
    assert status == 1
    assert said in told


@pytest.mark.parametrize("java", ["17.0.15", "21.0.4", "25"])
def test_later_java_will_do(machine: Path, java: str) -> None:
    program(machine, "java", f"""echo 'openjdk version "{java}"' >&2""")
    assert check(machine) == (0, "")


def test_old_python_is_told(machine: Path) -> None:
    program(machine, "python", "echo 3.9")
    status, told = check(machine, str(machine / "python"))
    assert (status, told.startswith("graphsvc needs Python 3.11 or later; install")) == (1, True)


def test_python_without_venv_names_its_package(machine: Path) -> None:
    program(machine, "python", 'case "$2" in *ensurepip*) exit 1;; *) echo 3.11;; esac')
    told = "graphsvc needs Python's venv module; install the package python3-venv.\n"
    assert check(machine, str(machine / "python")) == (1, told)


def test_everything_missing_is_told_at_once(machine: Path) -> None:
    for name in VERSIONS:
        (machine / name).unlink()
    status, told = check(machine)
    assert (status, len(told.splitlines())) == (1, 4)
