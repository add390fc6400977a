"""What the compose file promises. `make check` holds it against the schema; here stands what no schema knows."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from graphsvc.localdb.config import command
from graphsvc.settings import Settings

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SERVICES)
def test_every_port_is_published_on_the_loopback(name: str) -> None:
    assert [port for port in SERVICES[name].get("ports", []) if not port.startswith("127.0.0.1:")] == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", SERVICES)
def test_volumes_are_named(name: str) -> None:
    assert {volume.split(":")[0] for volume in SERVICES[name]["volumes"]} <= COMPOSE["volumes"].keys()


def test_secrets_are_files_and_never_variables() -> None:
    assert all(secret.keys() == {"file"} for secret in COMPOSE["secrets"].values())
    given = [name for service in SERVICES.values() for name in service["environment"]]
    assert [
        name for name in given if re.search("AUTH|PASSWORD|SECRET", name) and not name.endswith("_FILE")
    ] == []


def test_neo4j_is_of_the_version_that_is_tested() -> None:
    pom = (ROOT / "graphsvc" / "localdb" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<neo4j\.version>(.*)</neo4j\.version>", pom)
    assert version is not None
    assert SERVICES["neo4j"]["image"] == f"neo4j:{version[1]}-community"


def test_cypher_reads_neither_files_nor_the_network() -> None:
    told = SERVICES["neo4j"]["environment"]
    assert told["NEO4J_dbms_security_allow__csv__import__from__file__urls"] == "false"
    assert told["NEO4J_internal_dbms_cypher__ip__blocklist"] == "0.0.0.0/0,::/0"
    assert told["NEO4J_db_logs_query_enabled"] == "OFF"


def test_neo4j_mixes_its_maps_as_the_private_one_does() -> None:
    (mixing,) = (one for one in command("java", ROOT, ROOT, 512, "it") if "hppc" in one)
    assert SERVICES["neo4j"]["environment"]["JAVA_TOOL_OPTIONS"] == mixing


def test_every_setting_given_to_the_api_exists() -> None:
    given = {name for name in SERVICES["api"]["environment"] if name.startswith("GRAPHSVC_")}
    given |= set(re.findall(r"\b(GRAPHSVC_[A-Z0-9_]+)=", DOCKERFILE))
    known = {f"GRAPHSVC_{name.upper()}" for name in Settings.model_fields}
    assert given - known == set()


def test_images_are_pinned_and_the_last_one_has_a_user_of_its_own() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert [image for image in images if not re.search(r":\d+\.\d+\.\d+", image)] == []
    assert re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE) == ["10001"]


def test_what_the_dockerfile_copies_is_let_in() -> None:
    sources = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    top = {path.split("/")[0] for line in sources for path in line.split()}
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").split() if line[0] == "!"
    }
    assert top == let_in
    assert all((ROOT / name).exists() for name in top)
