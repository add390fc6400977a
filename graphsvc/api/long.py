"""Questions that take long. Each is asked, or followed with how far the work is, by the same name and arguments."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

import msgspec

from graphsvc.access.jobs import Job
from graphsvc.access.view import View
from graphsvc.api.context import Info
from graphsvc.api.fields import followed, operation, told
from graphsvc.api.types import output

Work = Callable[..., Awaitable[Any]]
"""``work(view, job, …)``; what comes after the two are the arguments of the question, ``fresh`` among them."""

PULSE_SECONDS = 0.4


class Long(msgspec.Struct, frozen=True):
    """One question: its name, its work, the struct that it answers with, and what it is for."""

    name: str
    work: Work
    answer: type[msgspec.Struct]
    description: str

    def asked(self) -> Any:
        """The field of the query type. The work ends when the question is given up."""

        async def resolver(info: Info, **given: Any) -> Any:
            view = await info.context.view()
            return await worked(lambda job: self.work(view, job, **given))

        return operation(self.name, self._taking(resolver), output(self.answer), self.description)

    def followed(self) -> Any:
        """The field of the subscription type. The work ends with the one who follows it."""
        progress = _progress(self.name, self.answer)

        async def resolver(info: Info, **given: Any) -> AsyncGenerator[Any, None]:
            told_ = _followed(info, lambda view, job, **more: self.work(view, job, **(given | more)))
            async with aclosing(told_) as events:
                async for event in events:
                    yield progress(*event)

        name = f"{self.name}Progress"
        text = f"`{self.name}`, with how far the work is until the answer is there."
        return followed(name, self._taking(resolver), output(progress), text)

    def _taking(self, resolver: Any) -> Any:
        """The resolver with the name and the arguments of the work, as Strawberry looks for them."""
        _, _, *arguments = signature(self.work).parameters.values()
        info = Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
        resolver.__name__ = self.work.__name__
        resolver.__signature__ = Signature([info, *arguments])
        return resolver


def _progress(name: str, answer: type[msgspec.Struct]) -> Callable[..., msgspec.Struct]:
    """The struct of the events of a question."""
    fields = [
        ("stage", Annotated[str, told("What is being done.")]),
        ("done", Annotated[float, told("How much of the stage is done, between 0 and 1.")]),
        ("answer", Annotated[answer | None, told("The answer, with the last event.")]),
    ]
    made = msgspec.defstruct(f"{name[0].upper()}{name[1:]}Progress", fields, frozen=True)
    made.__doc__ = f"How far `{name}` is."
    return made


async def worked(work: Callable[[Job], Awaitable[Any]]) -> Any:
    """The outcome of long work, which ends when the question is given up."""
    job = Job()
    try:
        return await work(job)
    except asyncio.CancelledError:
        job.cancel()
        raise


async def _followed(info: Info, work: Work) -> AsyncGenerator[tuple[str, float, Any], None]:
    """Stages of long work, and its outcome with the last. It ends with the one who follows it."""
    job = Job()

    async def outcome() -> Any:
        view: View = await info.context.renewed()
        answer = await work(view, job)
        while (now := await info.context.renewed()).scope.mark != view.scope.mark:
            # what was restricted meanwhile is not in the outcome; what was only added ages it
            view, answer = now, await work(now, job, fresh=False)
        return answer

    task = asyncio.ensure_future(outcome())
    try:
        shown: tuple[str, float] | None = None
        while not task.done():
            if (job.stage, job.done) != shown:
                shown = job.stage, job.done
                yield (*shown, None)
            await asyncio.wait({task}, timeout=PULSE_SECONDS)
        yield "done", 1.0, task.result()
    finally:
        job.cancel()
        task.cancel()
