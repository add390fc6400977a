"""Lock files are held against what the project asks for, without a network."""

from packaging.version import Version

from tools import check_locks

LOCK = """\
msgspec==0.22.1 \\
    --hash=sha256:aa
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:bb
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:cc
    # via scipy==1.0
ruamel-yaml==0.18 \\
    --hash=sha256:dd
"""


def test_every_pin_is_read() -> None:
    assert check_locks.pins(LOCK) == {
        "msgspec": [Version("0.22.1")],
        "numpy": [Version("2.4.6"), Version("2.5.5")],
        "ruamel-yaml": [Version("0.18")],
    }


def test_what_is_pinned_is_met() -> None:
    assert check_locks.unmet(["msgspec>=0.22", "numpy>=2.5", "Ruamel.YAML"], check_locks.pins(LOCK)) == []


def test_what_is_absent_or_too_old_is_unmet() -> None:
    wanted = ["msgspec>=0.23", "polars"]
    assert check_locks.unmet(wanted, check_locks.pins(LOCK)) == wanted


def test_groups_hold_those_that_they_include() -> None:
    groups = {"dev": [{"include-group": "build"}, "ruff"], "build": ["hatchling"]}
    assert check_locks.group(groups, "dev") == ["hatchling", "ruff"]


def test_the_projects_own_locks_are_up_to_date() -> None:
    assert check_locks.main() == 0
