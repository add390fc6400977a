"""Long lists as parameters of a statement.

The driver writes all that it sends as text for its log, whether anybody reads that or not: for thousands of rows this
takes longer than sending them, and it would put records where no record may be.
"""

from collections.abc import Mapping
from typing import Any


class Unsaid(list[Any]):
    """A list that is told by its length."""

    def __repr__(self) -> str:
        return f"<{len(self)} values>"


def unsaid(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The same parameters, their lists told by their lengths."""
    return {
        name: Unsaid(value) if isinstance(value, list | tuple) else value
        for name, value in parameters.items()
    }
