"""Start, stop and look at the private Neo4j of one data folder, and prove that it is the one we talk to."""

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphsvc.errors import SetupError, StoreError, StoreUnavailable, UsageError
from graphsvc.localdb import config, exchange, process
from graphsvc.localdb.jars import Jars, Say, find_java, jars, quiet
from graphsvc.localdb.lock import locked
from graphsvc.settings import Settings

if TYPE_CHECKING:
    from neo4j import AsyncDriver, Driver

USER = "neo4j"
START_SECONDS = 180.0
PORT_TRIES = 3

# Only the process itself can say under which id, home and instance it runs.
IDENTITY = """\
CALL dbms.listConfig('server.directories.neo4j_home') YIELD value AS home
CALL dbms.queryJmx('java.lang:type=Runtime') YIELD attributes
RETURN home, attributes.Pid.value AS pid, attributes.InputArguments.value AS arguments"""


@dataclass(frozen=True)
class Server:
    """A private Neo4j that runs."""

    uri: str
    user: str
    password: str = field(repr=False)
    home: Path
    pid: int
    port: int
    instance: str

    @property
    def log(self) -> Path:
        """Where the server says what it does."""
        return self.home / "logs" / "neo4j.log"


def home_of(settings: Settings) -> Path:
    """The folder of the private Neo4j within the data folder."""
    return settings.home / "neo4j"


def ticket_path(home: Path) -> Path:
    """Where the running server is written down."""
    return home / "run" / "server.json"


def made(settings: Settings) -> bool:
    """Whether this data folder has a database, running or not."""
    home = home_of(settings)
    return any(
        (home / data / "databases" / settings.neo4j_database).exists()
        for data in (exchange.NOW, exchange.NEXT)
    )


def status(settings: Settings) -> Server | None:
    """The running private server of this data folder, None when there is none."""
    home = home_of(settings)
    ticket = process.read_ticket(ticket_path(home))
    if ticket is None or not process.ours(home, ticket):
        return None
    password = password_path(home).read_text(encoding="utf-8").strip()
    uri = f"bolt://127.0.0.1:{ticket.port}"
    return Server(uri, USER, password, home, ticket.pid, ticket.port, ticket.instance)


def start(settings: Settings, say: Say = quiet, *, building: bool = False) -> Server:
    """The private server of this data folder, started when it does not run; safe to call again and at once.

    ``say`` hears one line about each longer step. One that is ``building`` is set for filling indexes. Raises
    SetupError when Java or Maven is missing, StoreUnavailable when the server does not come up, UsageError when the
    settings name another server.
    """
    if settings.neo4j_uri is not None:
        raise UsageError(
            "GRAPHSVC_NEO4J_URI names a server, so the private Neo4j is not used; unset it to start one."
        )
    home = home_of(settings)
    prepare_folders(home)
    with locked(home / "start.lock"):
        running = status(settings)
        if running is not None and wait_until_ready(running):
            return running
        refuse_strays(home)
        exchange.clear(home)
        exchange.settle(home)
        java, kept = find_java(), jars(settings, say)
        prepare_password(home, java, kept)
        say("Starting the private Neo4j")
        return launch(settings, java, kept, building=building)


def prepare(settings: Settings) -> None:
    """Do what the first start of a data folder takes beside starting, which is two seconds of Java."""
    home = home_of(settings)
    prepare_folders(home)
    prepare_password(home, find_java(), jars(settings))


def stop(settings: Settings) -> bool:
    """Stop the private server of this data folder; False when none ran. Raises StoreError when it does not end."""
    home = home_of(settings)
    if not home.exists():
        return False
    with locked(home / "start.lock"):
        return stop_held(home)


def stop_held(home: Path) -> bool:
    """As ``stop``, for whoever holds the lock of this folder."""
    ticket = process.read_ticket(ticket_path(home))
    ran = ticket is not None and process.ours(home, ticket)
    if ticket is not None:
        process.stop(home, ticket)
    ticket_path(home).unlink(missing_ok=True)
    return ran


@contextmanager
def held(settings: Settings) -> Iterator[Path]:
    """The folder of the private server, which nobody else starts or stops meanwhile."""
    home = home_of(settings)
    prepare_folders(home)
    with locked(home / "start.lock"):
        exchange.settle(home)
        yield home


def verify_own(driver: "Driver", server: Server) -> None:
    """Raise StoreUnavailable unless ``driver`` talks to ``server``; call it before the first write."""
    verify_process(server)
    records, _, _ = driver.execute_query(IDENTITY)
    check_identity([record.data() for record in records], server)


def current(server: Server) -> Server:
    """The server that runs in place of one that ended: of the same folder, on the same port; itself where none does."""
    ticket = process.read_ticket(ticket_path(server.home))
    if ticket is None or ticket.port != server.port or not process.ours(server.home, ticket):
        return server
    return replace(server, pid=ticket.pid, instance=ticket.instance)


async def verify_own_async(driver: "AsyncDriver", server: Server) -> None:
    """As ``verify_own``, for an asynchronous driver."""
    verify_process(server)
    records, _, _ = await driver.execute_query(IDENTITY)
    check_identity([record.data() for record in records], server)


def verify_process(server: Server) -> None:
    """Raise StoreUnavailable unless the process that we started lives and holds the port; sends nothing to it."""
    ticket = process.Ticket(server.instance, server.port, server.pid)
    if not process.ours(server.home, ticket):
        raise StoreUnavailable("The private Neo4j has ended; run `graphsvc db start`.")
    if not process.listens(ticket):
        raise StoreUnavailable(
            f"Another program answers on port {server.port} in place of the private Neo4j; "
            "run `graphsvc db stop`, then `graphsvc db start`."
        )


def check_identity(rows: list[dict[str, Any]], server: Server) -> None:
    """Hold what the server says of itself against what we started."""
    wanted = (str(server.home), server.pid)
    instance = f"-Dgraphsvc.instance={server.instance}"
    if not any((row["home"], row["pid"]) == wanted and instance in row["arguments"] for row in rows):
        raise StoreUnavailable(
            f"The server on port {server.port} is not the private Neo4j of {server.home.parent}; nothing was written."
        )


def prepare_folders(home: Path) -> None:
    """Make the folders, closed to other users."""
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    for name in ("conf", "run", "logs", "import"):
        (home / name).mkdir(exist_ok=True)


def refuse_strays(home: Path) -> None:
    """Raise StoreUnavailable when a server that nobody wrote down holds this folder."""
    found = process.strays(home)
    if found:
        raise StoreUnavailable(
            f"Process {found[0]} runs on {home} but was not started by a finished `graphsvc db start`; "
            f"end it with `kill {found[0]}` and start again."
        )


def password_path(home: Path) -> Path:
    """Where the server's own password is kept, readable by its owner alone."""
    return home / "password"


def prepare_password(home: Path, java: str, kept: Jars) -> None:
    """Draw a password before the first start, and give it to the database."""
    path = password_path(home)
    if (home / "data" / "databases" / "system").exists():
        if not path.exists():
            raise SetupError(
                f"The password of the private Neo4j is gone; put {path} back, or move {home} away."
            )
        return
    password = secrets.token_hex(24)
    write_private(path, password)
    set_initial_password(home, java, kept, password)


def write_private(path: Path, text: str) -> None:
    """Write a file that was never readable by others."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def set_initial_password(home: Path, java: str, kept: Jars, password: str) -> None:
    """Through Neo4j's own tool; the password goes in a file, for command lines can be seen by others."""
    arguments = home / "run" / "arguments"
    write_private(arguments, f"dbms\nset-initial-password\n{password}\n")
    command = [java, "-cp", f"{kept.lib}/*", "org.neo4j.cli.AdminTool", f"@{arguments}"]
    variables = os.environ | {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    try:
        subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise SetupError(f"Neo4j refused its first password ({error.stderr.strip()[:200]}).") from error
    finally:
        arguments.unlink()


def launch(settings: Settings, java: str, kept: Jars, *, building: bool = False) -> Server:
    """Start the process and wait for it; try another port when the chosen one is taken meanwhile."""
    home = home_of(settings)
    for _ in range(PORT_TRIES):
        server = launch_once(settings, java, kept, free_port(settings.bolt_port), building=building)
        if wait_until_ready(server):
            return server
    raise StoreUnavailable(f"The private Neo4j did not start; {home / 'logs' / 'neo4j.log'} says why.")


def launch_once(settings: Settings, java: str, kept: Jars, port: int, *, building: bool) -> Server:
    """Write the configuration, start the process and write it down."""
    home = home_of(settings)
    sizes = config.memory(settings, config.machine_mb())
    text = config.conf(home, kept.plugins, port, sizes.page_cache)
    if building:
        text += config.building(sizes.heap)
    (home / "conf" / "neo4j.conf").write_text(text, encoding="utf-8")
    instance = secrets.token_hex(16)
    pid = process.spawn(
        config.command(java, home, kept.lib, sizes.heap, instance, building=building),
        home / "logs" / "console.log",
    )
    process.write_ticket(ticket_path(home), process.Ticket(instance, port, pid))
    server = status(settings)
    if server is None:
        raise StoreUnavailable(f"The private Neo4j ended at once; {home / 'logs' / 'console.log'} says why.")
    return server


def free_port(wanted: int) -> int:
    """``wanted`` when it is free on the loopback, any free one otherwise."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StoreError("No port is free on the loopback; end some programs and try again.")


def wait_until_ready(server: Server) -> bool:
    """True once it answers and has proven to be ours, False when its process ends first."""
    ticket = process.Ticket(server.instance, server.port, server.pid)
    deadline = time.monotonic() + START_SECONDS
    while process.ours(server.home, ticket):
        if process.listens(ticket) and answers(server):
            return True
        if time.monotonic() > deadline:
            raise StoreUnavailable(
                f"The private Neo4j did not answer in {START_SECONDS:.0f} s; {server.log} says why."
            )
        time.sleep(process.POLL_SECONDS)
    return False


def answers(server: Server) -> bool:
    """Whether the database takes queries yet; proves the server on the way."""
    from neo4j import GraphDatabase
    from neo4j.exceptions import Neo4jError, ServiceUnavailable, SessionExpired

    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        try:
            verify_own(driver, server)
        except (ServiceUnavailable, SessionExpired, Neo4jError):
            return False
    return True
