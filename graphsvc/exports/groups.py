"""Operation 27 for groups: the members of the largest, and the links among them."""

from typing import Any

import numpy as np

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.analysis.groups import Question
from graphsvc.analysis.partitions import Method
from graphsvc.analysis.projection import NEVER_LINKS, ScopeSpec
from graphsvc.errors import UsageError
from graphsvc.exports.chart import Chart, chart
from graphsvc.exports.formats import FORMATS, File, written
from graphsvc.topology.layout import TYPES

MOST_GROUPS = 50


async def exported(
    view: View,
    leaving: View,
    scope: ScopeSpec | None = None,
    *,
    format: str,
    method: Method | None = None,
    parallel: str = "counted",
    first: int = 10,
    job: Job | None = None,
) -> list[File]:
    """The files of the first groups of a division. ``view`` is what they are worked out on, and ``leaving``, one of the
    same scope, what they are read through, so that it has noted what is handed out and nothing else.

    Raises UsageError, NotFound for a hidden seed, and LimitError for more records than an export may hold.
    """
    if format not in FORMATS or not 1 <= first <= MOST_GROUPS:
        raise UsageError(f"Ask for 1 to {MOST_GROUPS} groups as one of {', '.join(FORMATS)}.")
    asked = Question(scope or ScopeSpec(), method or Method(), parallel)
    return written(await members(view, leaving, asked, first, job or Job()), format)


async def members(view: View, leaving: View, asked: Question, first: int, job: Job) -> Chart:
    """The members of the first groups as a chart."""
    asked.method.check()
    division = await asked.divide(view, job, await asked.kept(view))
    part, snapshot = division.part, division.snapshot
    groups: dict[str, str] = {}
    for number in range(min(first, division.total)):
        vertices = np.flatnonzero(division.group == number)
        name = snapshot.id(int(part.member[part.start[vertices[0]]]))
        groups |= {snapshot.id(record): name for record in _records(part, vertices)}
    types = asked.scope.link_types or TYPES
    return await chart(leaving, sorted(groups), [name for name in types if name not in NEVER_LINKS], groups)


def _records(part: Any, vertices: Any) -> list[int]:
    return [int(record) for at in vertices for record in part.member[part.start[at] : part.start[at + 1]]]
