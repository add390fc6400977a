"""``graphsvc serve``: the API and the explorer."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

import typer
from starlette.applications import Starlette

from graphsvc.errors import SetupError
from graphsvc.settings import Settings, settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default=False)]
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.", show_default=False)]
Workers = Annotated[int | None, typer.Option(help="Processes that answer.", show_default=False)]
Demo = Annotated[
    bool, typer.Option("--demo", help="Hand a local token to everyone who opens the explorer; loopback only.")
]


@app.command()
def serve(host: Host = None, port: Port = None, workers: Workers = None, demo: Demo = False) -> None:
    """Serve the API and the explorer until Ctrl-C. Options win over the settings of the same name.

    Example: graphsvc serve --port 8081 --workers 2
    """
    given = {"HOST": host, "PORT": port, "WORKERS": workers, "DEMO": demo or None}
    run(given)


def run(given: Mapping[str, object]) -> None:
    """Serve with some settings replaced, which worker processes inherit through the environment."""
    for name, value in given.items():
        if value is not None:
            os.environ[f"GRAPHSVC_{name}"] = str(value)
    settings.cache_clear()
    now = settings()
    from graphsvc.api.explorer import check_demo

    check_demo(now)
    listener = listen(now)
    typer.echo(f"The explorer is at http://{_shown(now.host)}:{listener.getsockname()[1]}/ until Ctrl-C.")
    if now.demo:
        typer.echo("This is the demo: the explorer hands a local token to whoever opens it on this machine.")
    with suppress(KeyboardInterrupt):
        _serve(now, listener)


def _serve(now: Settings, listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        "graphsvc.commands.serve:application",
        factory=True,
        workers=now.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=now.body_bytes,
        timeout_graceful_shutdown=5,
        timeout_worker_healthcheck=60,  # one that compiles on a busy machine is slow, not dead
    )
    server = uvicorn.Server(config)
    if now.workers > 1:
        from uvicorn.supervisors import Multiprocess

        Multiprocess(config, sockets=[listener]).run()
    else:
        server.run(sockets=[listener])
        if not server.started:
            raise SetupError("The service did not start; the lines above say why.")


def application() -> Starlette:
    """The application of one worker process."""
    from graphsvc.api import logs
    from graphsvc.api.application import create_app

    logs.configure()
    return create_app(settings())


def listen(now: Settings) -> socket.socket:
    """A socket on the address of the settings. Raises SetupError when the port is taken."""
    family = socket.AF_INET6 if ":" in now.host else socket.AF_INET
    # By its protocol asyncio knows that it may send at once; else the second part of each answer waits until the
    # client has acknowledged the first, which takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((now.host, now.port))
        listener.listen()  # whoever reads the address may call at once, and waits until a worker takes it
    except OSError as error:
        listener.close()
        raise SetupError(
            f"Nothing can listen on {now.host}:{now.port} ({error.strerror}); choose another with --port."
        ) from None
    listener.set_inheritable(True)
    return listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
