"""Trends and flows: GraphQL on UNODC's seizures, and the columns against DuckDB on the same rows as Parquet.

The seizures are loaded through the mapping into a private server. Through GraphQL the clock runs from the request to
the decoded answer in one process, the first answer after the start included. Against DuckDB both sides give the counts
and sums by month, the first, last and number of reports of each reporter, and for flows the routes; ours gives its
statistics, expected ranges and forecast on top. At ``size`` rows the seizures are repeated with other days.
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np

from bench import trends_changes
from bench.figures import Figure, at_least, at_most, middle, under
from bench.load import server
from graphsvc.access.tokens import Claims, issue
from graphsvc.analysis import flows, routes, trends
from graphsvc.analysis.selection import Filter, select
from graphsvc.api.application import create_app
from graphsvc.localdb import server as localdb
from graphsvc.model.vocabulary import Purpose
from graphsvc.settings import Settings
from graphsvc.store.database import Database
from graphsvc.topology import events_files, events_live
from graphsvc.topology.events import CODED, EventColumns, Rows, in_order
from graphsvc.topology.events_scope import Events
from loaders.catalogue import Request, loader

DATA = Path(os.environ.get("GRAPHSVC_PUBLIC_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
ROUNDS, FEWER = 7, 3
"""Rounds in turns; fewer of them over rows so many that each takes long enough to be steady."""
MANY = 1_000_000
REPORT_SECONDS, REPORT_PAGES = 10.0, 20
TREND = (
    "query($w: EventFilter, $i: String!) { trend(where: $w, interval: $i) "
    "{ n points { interval count low high } changes { at } } }"
)
FLOWS = (
    "query($w: EventFilter, $b: TimeWindow) { flows(where: $w, baseline: $b) { n routed concentration "
    "flows { origin destination events state } } }"
)
ASKED: tuple[dict[str, str], ...] = (
    {}, {"commodity": "Cocaine"}, {"commodity": "Heroin"}, {"country": "CO"}, {"country": "RU"}, {"region": "EUROPE"},
    {"country": "ES", "commodity": "Cannabis resin"}, {"route": "Commercial air"}, {"origin": "BR"},
    {"destination": "FR"},
)  # fmt: skip


async def asked(given: Settings) -> dict[str, list[float]]:
    """Milliseconds of each question through GraphQL, the first of each kind in front."""
    token = issue(
        given,
        msgspec.convert(
            {
                "sub": "bench",
                "ncb": "FR",
                "exp": time.time() + 3600,
                "level": "CONFIDENTIAL",
                "purposes": tuple(Purpose),
            },
            Claims,
        ),
    )
    headers = {"authorization": f"Bearer {token}", "graphsvc-purpose": "TRENDS"}
    app = create_app(given)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client,
    ):
        return await questions(client)


async def questions(client: httpx.AsyncClient) -> dict[str, list[float]]:
    """Every question with four intervals or years."""
    found: dict[str, list[float]] = {"trend": [], "flows": []}

    async def one(kind: str, text: str, variables: dict[str, Any]) -> None:
        began = time.perf_counter()
        response = await client.post("/graphql", json={"query": text, "variables": variables})
        answer = response.json()
        found[kind].append((time.perf_counter() - began) * 1000)
        assert "errors" not in answer, answer

    for number in range(40):
        where = ASKED[number % len(ASKED)]
        interval = ("month", "week", "quarter", "day")[number // len(ASKED)]
        await one("trend", TREND, {"w": where, "i": interval})
        year = str(2013 + number // len(ASKED))
        period = {**where, "since": year, "until": year}
        before = {"since": str(int(year) - 1), "until": str(int(year) - 1)}
        await one("flows", FLOWS, {"w": period, "b": before})
    return found


def reported(given: Settings, path: Path) -> tuple[float, int]:
    """Seconds of the command that writes a long report of trends, start of Python included, and its number of pages."""
    asked = ("report", "trends", "--ncb", "FR", "--interval", "day", "--out", str(path))
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "graphsvc", *asked],
        env=os.environ | {"GRAPHSVC_DATA_DIR": str(given.home)},
        check=True,
        capture_output=True,
    )
    seconds = time.perf_counter() - began
    (pages,) = (int(count) for count in re.findall(rb"/Type\s*/Pages\s*/Count (\d+)", path.read_bytes()))
    assert pages >= REPORT_PAGES, pages
    return seconds, pages


def repeated(columns: EventColumns, size: int) -> EventColumns:
    """The same events again and again, up to ``size``, with other names and days shifted by up to a month."""
    random = np.random.default_rng(1)
    base, count = columns.base, len(columns.base["name"])
    rows: Rows = {name: np.resize(column, size) for name, column in base.items()}
    rows["name"] = random.integers(-(2**62), 2**62, size)
    shift = (np.arange(size) // count % 30).astype(np.int32)
    rows["day"], rows["last"] = rows["day"] + shift, rows["last"] + shift
    return EventColumns.of(in_order(rows), columns.words, {}, 0, columns.graph)


def parquet(columns: EventColumns, path: Path) -> None:
    """The same rows as a Parquet file, texts as texts."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    base, texts = columns.base, pa.array(columns.words.texts)
    table = {name: pa.DictionaryArray.from_arrays(pa.array(base[name]), texts) for name in CODED}
    table["day"] = pa.array(base["day"], pa.int32()).cast(pa.date32())
    table["quantity"] = pa.array(base["quantity"])
    table["handling"] = pa.array(base["handling"])
    pq.write_table(pa.table(table), path)


def sql(where: dict[str, str]) -> str:
    from graphsvc.model.regions import DESKS

    parts = ["handling IN (SELECT unnest($held))"]
    for name, value in where.items():
        if name == "region":
            parts.append("country IN (" + ", ".join(f"'{code}'" for code in DESKS[value]) + ")")
        else:
            parts.append(f"lower({name}) = '{value.lower()}'")
    return " AND ".join(parts)


def peers(path: Path, held: list[int], kind: str) -> Callable[[dict[str, str]], Any]:
    """DuckDB giving the same answer."""
    import duckdb

    connection = duckdb.connect()
    source = f"read_parquet('{path}')"

    def trend(where: dict[str, str]) -> Any:
        what = "date_trunc('month', day) m, unit, count(*), sum(quantity)"
        months = f"SELECT {what} FROM {source} WHERE {sql(where)} GROUP BY ALL"
        who = f"SELECT source, country, min(day), max(day), count(*) FROM {source} WHERE {sql(where)} GROUP BY ALL"
        return [connection.execute(text, {"held": held}).fetchall() for text in (months, who)]

    def flowing(where: dict[str, str]) -> Any:
        text = (
            "SELECT origin, transit, destination, year(day), unit, count(*), sum(quantity), "
            "count(DISTINCT source || country) "
            f"FROM {source} WHERE {sql(where)} AND year(day) IN (2014, 2015) GROUP BY ALL"
        )
        return connection.execute(text, {"held": held}).fetchall()

    return trend if kind == "trend" else flowing


def mine(columns: EventColumns, kind: str) -> Callable[[dict[str, str]], Any]:
    """The scan of the columns, every handling held."""
    events = Events(columns, np.ones(columns.handlings + 1, bool), 0)

    def trend(where: dict[str, str]) -> Any:
        given = Filter(**where)  # type: ignore[arg-type]
        return trends.series(select(events, given), given, "month", "quantity", None, "", warned=False)

    def flowing(where: dict[str, str]) -> Any:
        now, then = (Filter(**where, since=year, until=year) for year in ("2015", "2014"))  # type: ignore[arg-type]
        found = [routes.period(select(events, one), one) for one in (now, then)]
        return flows._told(found[0], found[1], (5, 2), "")

    return trend if kind == "trend" else flowing


def turns(one: Callable[[Any], Any], other: Callable[[Any], Any], rounds: int) -> tuple[float, float]:
    """Milliseconds over all questions, the middle of several rounds in turns; a first round warms both."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for place, way in enumerate((one, other)):
            began = time.perf_counter()
            for where in ASKED:
                way(where)
            if number:
                times[place].append((time.perf_counter() - began) * 1000 / len(ASKED))
    return middle(times[0]), middle(times[1])


def against(
    columns: EventColumns, folder: Path, bar: float, progress: Callable[[str], None]
) -> Iterator[Figure]:
    """Both kinds of question against DuckDB, which must count what we count."""
    size = len(columns.base["name"])
    path = folder / f"events-{size}.parquet"
    parquet(columns, path)
    held = np.unique(columns.base["handling"]).tolist()
    rounds = ROUNDS if size < MANY else FEWER
    for kind in ("trend", "flows"):
        progress(f"{kind} over {size:,} events")
        ours, peer = mine(columns, kind), peers(path, held, kind)
        if kind == "trend":
            for where in ASKED:
                assert ours(where).n == sum(row[2] for row in peer(where)[0]), where
        yield at_most(f"{kind} over {size:,} events", "ms", *turns(ours, peer, rounds), "DuckDB", bar)


def run(size: int = 10_000_000, progress: Callable[[str], None] = print) -> Iterator[Figure]:
    """All figures; ``size`` is that of the large scan."""
    found = trends_changes.score()
    yield at_least("planted changes found", "F1", found["f1"], 1, "perfection", 0.85)
    yield under("quiet series flagged", "share", found["flagged"], 0.05)
    with tempfile.TemporaryDirectory(prefix="graphsvc-bench-") as name:
        folder = Path(name)
        given = server(folder / "server").model_copy(update={"objects_hour": 10**9, "objects_day": 10**9})
        localdb.start(given)
        try:
            with Database.open(given) as database:
                packed = DATA / "unodc-seizures" / "drug-trafficking-unodc.zip"
                account = loader(Request("mapping", [Path("unodc")], [packed])).load(database).account
                progress(f"loaded: {account}")
            progress("asking through GraphQL")
            times = asyncio.run(asked(given))
            progress("writing a report")
            seconds, pages = reported(given, folder / "report.pdf")
        finally:
            localdb.stop(given)
        for kind, bar in (("trend", 50.0), ("flows", 200.0)):
            yield under(f"{kind} through GraphQL, p95", "ms", float(np.percentile(times[kind], 95)), bar)
            yield under(f"{kind} through GraphQL, first answer", "ms", times[kind][0], bar)
        yield under(
            f"report of {pages} pages, command to PDF", "s", seconds, REPORT_SECONDS * pages / REPORT_PAGES
        )
        columns = events_files.read(events_live.folder(given))
        assert columns is not None
        yield from against(columns, folder, 2, progress)
        yield from against(repeated(columns, size), folder, 3, progress)
