"""The socket that the service listens on."""

import asyncio
import socket

import pytest

from graphsvc.commands.serve import listen
from graphsvc.errors import SetupError
from graphsvc.settings import Settings


def test_the_parts_of_an_answer_do_not_wait_for_one_another() -> None:
    async def option() -> int:
        with listen(Settings(port=0)) as listener:
            accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

            def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                taken = writer.get_extra_info("socket")
                accepted.set_result(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                writer.close()

            async with await asyncio.start_server(connected, sock=listener):
                _, writer = await asyncio.open_connection(*listener.getsockname())
                found = await accepted
                writer.close()
                await writer.wait_closed()
                return found

    assert asyncio.run(option())


def test_a_port_that_is_taken_is_named() -> None:
    with listen(Settings(port=0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(SetupError, match=f"{port}.*--port"):
            listen(Settings(port=port))
