"""What the private Neo4j is told: memory for this machine, loopback only, no files and no network from Cypher."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from graphsvc.settings import Settings

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
MIB = 1 << 20
LONGEST_TRANSACTION = "10m"  # the net under every caller's own, shorter limit; whole-graph jobs fit in it

OPENED = ("java.nio", "sun.nio.ch", "java.io", "java.util.concurrent")


@dataclass(frozen=True)
class Memory:
    """In MiB."""

    heap: int
    page_cache: int


def machine_mb(limit: Path = CGROUP_LIMIT) -> int:
    """The memory of this machine or of the container around us, in MiB."""
    total = psutil.virtual_memory().total
    text = limit.read_text(encoding="ascii").strip() if limit.exists() else "max"
    return min(total, int(text) if text.isdecimal() else total) // MIB


def memory(settings: Settings, machine: int) -> Memory:
    """A quarter of ``machine`` MiB each for heap and page cache, within bounds, unless the settings say otherwise."""
    heap = settings.neo4j_heap_mb or min(max(machine // 4, 512), 16_384)
    page_cache = settings.neo4j_page_cache_mb or min(max(machine // 4, 128), 65_536)
    return Memory(heap, page_cache)


def conf(home: Path, plugins: Path, port: int, page_cache: int) -> str:
    """The text of ``neo4j.conf``."""
    return f"""\
# Written anew at every start by `graphsvc db start`.
server.directories.plugins={plugins}
server.default_listen_address=127.0.0.1
server.default_advertised_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size={page_cache}m
db.transaction.timeout={LONGEST_TRANSACTION}
dbms.security.auth_enabled=true
dbms.security.procedures.unrestricted=gds.*
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
internal.server.bolt.connection_shutdown_wait_time=1s
internal.server.bolt.thread_pool_shutdown_wait_time=1s
db.logs.query.enabled=OFF
server.directories.import={home / "import"}
dbms.usage_report.enabled=false
client.allow_telemetry=false
"""


def building(heap: int) -> str:
    """What beside the rest a server is told that does nothing but fill indexes.

    Full-text ones are written in large pieces, and these merged ten at a time where two are by default: a fifth less
    work at 1,000,000 records.
    """
    return f"""\
internal.dbms.index.lucene.population_ram_buffer_size={max(heap // 8, 50)}
internal.dbms.index.lucene.merge_factor=10
"""


def command(
    java: str, home: Path, lib: Path, heap: int, instance: str, *, building: bool = False
) -> list[str]:
    """The command line of the server. ``instance`` is how its process is known again.

    Nobody waits for an answer of one that is ``building``, so its pauses may be long and its garbage costs less.
    """
    return [
        java,
        f"-Xms{min(heap, 512)}m",
        f"-Xmx{heap}m",
        "-XX:+UseParallelGC" if building else "-XX:+UseG1GC",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        "-Dfile.encoding=UTF-8",
        "-Djava.awt.headless=true",
        "-Dlog4j2.disable.jmx=true",
        "-Dio.netty.tryReflectionSetAccessible=true",
        # Leiden breaks ties by the order of these maps, which is random otherwise: a seeded run must repeat
        "-Dhppc.bitmixer=DETERMINISTIC",
        f"-Dgraphsvc.instance={instance}",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED),
        "-cp",
        f"{lib}/*",
        "org.neo4j.server.CommunityEntryPoint",
        f"--home-dir={home}",
        f"--config-dir={home / 'conf'}",
    ]
