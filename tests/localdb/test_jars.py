"""The program files: what is missing is named with what brings it, and what came is held against its hashes."""

import hashlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from graphsvc.errors import SetupError
from graphsvc.localdb import jars
from graphsvc.settings import Settings


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose programs are those put into this folder."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


@pytest.mark.usefixtures("bare_machine")
def test_missing_java_names_its_package() -> None:
    with pytest.raises(
        SetupError, match=r"Java 17 or later is missing; install the package openjdk-17-jre-headless\."
    ):
        jars.find_java()


def test_old_java_names_its_package(bare_machine: Path) -> None:
    program(bare_machine, "java", """echo 'openjdk version "11.0.2" 2019-01-15' >&2""")
    with pytest.raises(
        SetupError, match=r"Java 11 at .* is too old; install the package openjdk-17-jre-headless"
    ):
        jars.find_java()


def test_java_home_comes_first(bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare_machine, "java", """echo 'openjdk version "11.0.2"' >&2""")
    newer = program(tmp_path / "jdk" / "bin", "java", """echo 'openjdk version "21"' >&2""")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert jars.find_java() == str(newer)


@pytest.mark.usefixtures("bare_machine")
def test_missing_maven_names_its_package(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"Maven is missing; install the package maven\."):
        jars.jars(Settings(data_dir=tmp_path, jars_dir=tmp_path / "jars"))


def test_a_failed_fetch_says_why_and_leaves_nothing(bare_machine: Path, tmp_path: Path) -> None:
    program(bare_machine, "mvn", "echo '[ERROR] Could not transfer artifact'; exit 1")
    with pytest.raises(SetupError, match=r"Could not transfer artifact.*check the network and try again"):
        jars.jars(Settings(data_dir=tmp_path, jars_dir=tmp_path / "jars"))
    assert [p.name for p in (tmp_path / "jars").iterdir()] == ["fetch.lock"]


def sums(**contents: bytes) -> str:
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}.jar\n" for name, data in contents.items())


@pytest.mark.parametrize(
    ("came", "wrong"),
    [
        ({"a": b"one", "b": b"changed"}, "b.jar"),
        ({"a": b"one"}, "b.jar"),
        ({"a": b"one", "b": b"two", "c": b"more"}, "c.jar"),
    ],
    ids=["changed", "absent", "added"],
)
def test_other_files_than_those_expected_are_refused(
    tmp_path: Path, came: dict[str, bytes], wrong: str
) -> None:
    for name, data in came.items():
        (tmp_path / f"{name}.jar").write_bytes(data)
    with pytest.raises(SetupError, match=wrong):
        jars.prove(tmp_path, sums(a=b"one", b=b"two"))


def test_the_expected_files_pass(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(b"one")
    jars.prove(tmp_path, sums(a=b"one"))


def test_only_jars_that_declare_procedures_are_plugins() -> None:
    names = [
        "proc-2.13.9.jar",
        "proc-community-2.13.9.jar",
        "cypher-aggregation-2.13.9.jar",
        "alpha-proc-2.13.9.jar",
    ]
    others = [
        "procedures-facade-api-2.13.9.jar",
        "procedure-integration-2.13.9.jar",
        "neo4j-procedure-5.26.30.jar",
    ]
    assert [name for name in names + others if jars.PROCEDURES.fullmatch(name)] == names


def test_the_pom_leaves_the_repositories_to_the_machine() -> None:
    pom = ElementTree.fromstring(Path(jars.__file__).with_name("pom.xml").read_text(encoding="utf-8"))
    assert [
        tag for tag in ("repositories", "pluginRepositories") if pom.find(f".//{{*}}{tag}") is not None
    ] == []
