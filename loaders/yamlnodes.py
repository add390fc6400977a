"""YAML as text: places in a file that know their path for messages."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from graphsvc.errors import UsageError


class _Yaml(yaml.SafeLoader):
    """YAML in which every plain value is text, so that ``NO`` is Norway and ``on`` a word."""


_Yaml.yaml_implicit_resolvers = {
    sign: [pair for pair in pairs if pair[0].endswith((":merge", ":null"))]
    for sign, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Node:
    """A place in the mapping file, which knows its path for messages."""

    def __init__(self, value: Any, path: str) -> None:
        self.value = value
        self.path = path

    def fail(self, why: str) -> UsageError:
        return UsageError(f"{self.path}: {why}")

    def table(self, *allowed: str) -> dict[str, "Node"]:
        """The parts of a mapping whose keys are all allowed; all keys are when none is given."""
        if not isinstance(self.value, dict):
            raise self.fail("must be a table of names and values")
        for key in self.value:
            if allowed and key not in allowed:
                raise self.fail(f"{key!r} is not known here{nearest(str(key), allowed)}")
        return {str(key): Node(value, f"{self.path}.{key}") for key, value in self.value.items()}

    def items(self) -> list["Node"]:
        """The parts of a list; one value alone is a list of one."""
        values = self.value if isinstance(self.value, list) else [self.value]
        return [Node(value, f"{self.path}[{number}]") for number, value in enumerate(values)]

    def text(self) -> str:
        """A text, number or date as text."""
        if isinstance(self.value, dict | list) or self.value is None:
            raise self.fail("must be a text")
        return str(self.value)

    def texts(self) -> tuple[str, ...]:
        return tuple(part.text() for part in self.items())

    def flag(self) -> bool:
        return self.choice(("true", "false")) == "true"

    def choice(self, choices: Mapping[str, Any] | tuple[str, ...]) -> str:
        text = self.text()
        if text not in choices:
            raise self.fail(f"{text!r} is not known{nearest(text, tuple(choices))}")
        return text


def nearest(text: str, choices: tuple[str, ...]) -> str:
    """A hint for a name that is not among the choices."""
    near = get_close_matches(text, choices, 1)
    return f": did you mean {near[0]}?" if near else f": use one of {', '.join(choices)}"


def load(path: Path) -> Any:
    """The plain data of a YAML file. Raises UsageError."""
    try:
        with path.open(encoding="utf-8") as stream:
            return yaml.load(stream, _Yaml)  # noqa: S506  (a safe loader)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f", line {place.line + 1}" if place else ""
        raise UsageError(f"{path.name}{line}: is not YAML: {getattr(error, 'problem', error)}") from error
