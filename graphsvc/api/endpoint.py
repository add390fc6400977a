"""POST /graphql: GraphQL over HTTP. A caller first, then a body within its limits, then an answer or a clear error."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import msgspec
import structlog
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry import Schema
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from graphsvc.api import media
from graphsvc.api.accounting import ANSWERED, Asked, Given, account
from graphsvc.api.context import Context, Nobody
from graphsvc.api.faults import NO_OPERATION, described, masked, status_of
from graphsvc.api.limits import asks_schema_alone, check_nesting
from graphsvc.errors import Cancelled, Error, LimitError, StoreTimeout, TokenError, UsageError
from graphsvc.settings import Settings

log = structlog.get_logger("graphsvc.api")

BODY_SECONDS = 20.0
"""How long the body of a request may take to come."""

ContextMaker: TypeAlias = Callable[[Request], Awaitable[Context | Nobody]]


class Question(msgspec.Struct):
    """The body of a request."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = msgspec.field(default=None, name="operationName")
    extensions: dict[str, Any] | None = None


class _Refused(Exception):
    """The request is refused before anything is executed."""

    def __init__(self, status: int, error: Error) -> None:
        self.status = status
        self.error = error


class Endpoint:
    """An ASGI application for one path. ``context`` authenticates: it raises TokenError or AccessError."""

    def __init__(self, schema: Schema, settings: Settings, context: ContextMaker) -> None:
        self._schema = schema
        self._settings = settings
        self._context = context
        self._decoder = msgspec.json.Decoder(Question)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        started = time.perf_counter()
        response, codes = await self._answer(request)
        elapsed = round((time.perf_counter() - started) * 1000, 1)
        log.info("question", status=response.status_code, ms=elapsed, codes=codes)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> tuple[Response, list[str]]:
        accepted = media.negotiate(request.headers.get("accept"))
        media_type = accepted or media.JSON
        try:
            question, context = await self._read(request, accepted)
            if isinstance(context, Nobody):
                return await self._shown(request, question, context, media_type)
            return await self._accounted(request, question, context, media_type)
        except _Refused as refusal:
            return self._refusal(refusal.status, refusal.error, media_type)
        except Error as error:
            return self._refusal(status_of(error), error, media_type)
        except Exception as error:
            return self._response({"errors": [masked(error)]}, 500, media_type), [Error.code]

    async def _shown(
        self, request: Request, question: Question, nobody: Nobody, media_type: str
    ) -> tuple[Response, list[str]]:
        """The schema, where the operator opened it. Raises TokenError for all else."""
        if not asks_schema_alone(question.query, nobody.limits):
            await nobody.refusals.token()
            raise TokenError("Without a token you may ask for the schema alone.")
        return self._result(await self._execute(request, question, nobody), media_type)

    async def _accounted(
        self, request: Request, question: Question, context: Context, media_type: str
    ) -> tuple[Response, list[str]]:
        """The answer, when it has been counted and audited."""
        asked = Asked(question.query, question.variables, question.operation_name)
        office, caller = context.office, context.caller
        try:
            office.quotas.check(caller)
            result = await self._execute(request, question, context)
            response, codes = self._result(result, media_type, context.remarks)
        except Error as error:
            await account(office, caller, context.scope(), Given(), asked, error.code, b"")
            raise
        outcome = ",".join(codes) or ANSWERED
        await account(office, caller, context.scope(), context.given, asked, outcome, bytes(response.body))
        return response, codes

    async def _read(self, request: Request, accepted: str | None) -> tuple[Question, Context | Nobody]:
        if request.method != "POST":
            raise _Refused(405, UsageError("Send questions with POST."))
        context = await self._context(request)
        if accepted is None:
            raise _Refused(406, UsageError(f"Answers come as {media.RESPONSE} or {media.JSON}."))
        if not media.is_json(request.headers.get("content-type")):
            raise _Refused(415, UsageError(f"Send questions as {media.JSON} in UTF-8."))
        return self._decode(await self._body(request)), context

    async def _body(self, request: Request) -> bytes:
        limit = self._settings.body_bytes
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > limit:
                        raise _Refused(413, LimitError(f"A request may have {limit} bytes at most."))
        except TimeoutError:
            raise _Refused(408, UsageError("The body of the request did not come in time.")) from None
        except ClientDisconnect:
            raise Cancelled("The one who asked went away.") from None
        return bytes(body)

    def _decode(self, body: bytes) -> Question:
        try:
            check_nesting(body.decode("utf-8"))
            return self._decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise UsageError(
                "The body must be a JSON object with a text `query` and, if need be, an object `variables` "
                "and a text `operationName`."
            ) from None

    async def _execute(
        self, request: Request, question: Question, context: Context | Nobody
    ) -> ExecutionResult:
        work = asyncio.ensure_future(self._run(question, context))
        gone = asyncio.ensure_future(_gone(request))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise Cancelled("The one who asked went away.")
            return work.result()
        finally:
            await _stop(work, gone)

    async def _run(self, question: Question, context: Context | Nobody) -> ExecutionResult:
        try:
            async with asyncio.timeout(self._settings.request_seconds):
                return await self._schema.execute(
                    question.query,
                    variable_values=question.variables,
                    context_value=context,
                    operation_name=question.operation_name,
                    allowed_operation_types={OperationType.QUERY, OperationType.MUTATION},
                )
        except TimeoutError:
            raise StoreTimeout("The question took longer than a question may; ask for less.") from None
        except NO_OPERATION:
            raise UsageError("The text must hold the query or mutation that `operationName` names.") from None

    def _result(
        self, result: ExecutionResult, media_type: str, remarks: Sequence[str] = ()
    ) -> tuple[Response, list[str]]:
        errors = [error.formatted for error in result.errors or []]
        codes = sorted({str(error["extensions"]["code"]) for error in errors})
        if result.data is None and errors and all(_of_request(error) for error in result.errors or []):
            status = 400 if media_type == media.RESPONSE else 200
            return self._response({"errors": errors}, status, media_type), codes
        body: dict[str, Any] = {"data": result.data}
        if errors:
            body["errors"] = errors
        if remarks:
            body["extensions"] = {"remarks": remarks}
        return self._response(body, 200, media_type), codes

    def _refusal(self, status: int, error: Error, media_type: str) -> tuple[Response, list[str]]:
        response = self._response({"errors": [described(error)]}, status, media_type)
        if status == 405:
            response.headers["allow"] = "POST"
        if isinstance(error, TokenError):
            response.headers["www-authenticate"] = 'Bearer realm="graphsvc"'
        return response, [error.code]

    @staticmethod
    def _response(body: dict[str, Any], status: int, media_type: str) -> Response:
        headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        return Response(
            msgspec.json.encode(body), status, headers | {"content-type": f"{media_type}; charset=utf-8"}
        )


def _of_request(error: GraphQLError) -> bool:
    return error.path is None


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _stop(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
