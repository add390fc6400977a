"""Runs a walk over the topology in a thread of its own; giving up the question ends the walk."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from graphsvc.access.view import View
from graphsvc.topology.links import Links
from graphsvc.topology.spaces import Stop
from graphsvc.topology.warm import warmed

T = TypeVar("T")


async def walk(view: View, question: Callable[[Links], T]) -> T:
    """The answer of ``question`` on what the caller may see."""
    await warmed()
    links = await view.links()
    links.stop = Stop()
    try:
        return await asyncio.to_thread(question, links)
    except asyncio.CancelledError:
        links.stop.now()
        raise
