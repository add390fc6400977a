"""Texts that were found valid, so that the same text from the same front end is not read and checked again."""

from collections import OrderedDict

from graphql import DocumentNode

from graphsvc.api.limits import Limits

REMEMBERED = 200
LONGEST = 20_000


class Documents:
    """The last texts by when they were used, each valid under its limits.

    A text with a string in it is never kept: it may name somebody, and how soon it is answered would tell the next
    caller that it was asked. Values belong into variables.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, Limits], DocumentNode] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, text: str, limits: Limits) -> DocumentNode | None:
        """The document of a text that is known to be valid."""
        known = self._known.get((text, limits))
        if known is not None:
            self._known.move_to_end((text, limits))
        return known

    def keep(self, text: str, limits: Limits, document: DocumentNode) -> None:
        """Remember a text that was found valid."""
        if '"' in text or len(text) > LONGEST:
            return
        self._known[text, limits] = document
        self._known.move_to_end((text, limits))
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
