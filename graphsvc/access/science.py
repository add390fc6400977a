"""The client of Graph Data Science over Bolt, made quick at size. Imports pandas, so only where it works.

The client itself reads a row at a time: 17 s for the answer of a million vertices, where one list a column takes 0.5 s.
"""

from functools import cache
from typing import Any

import neo4j
from graphdatascience import GraphDataScience
from graphdatascience.call_parameters import CallParameters
from graphdatascience.query_runner.neo4j_query_runner import Neo4jQueryRunner
from graphdatascience.query_runner.query_type import QueryType
from pandas import DataFrame

LONGEST_SECONDS = 6 * 3600.0
"""The longest that one statement of a job may run; the server's own limit is for questions."""


class Runner(Neo4jQueryRunner):
    """Statements carry the job's number, by which they are watched and stopped; answers come as columns."""

    def __init__(self, driver: neo4j.Driver, database: str, job: str) -> None:
        super().__init__(driver, "bolt", database=database, show_progress=False)
        self.job = job

    def call_procedure(self, endpoint: str, *args: Any, **kwargs: Any) -> DataFrame:
        params: CallParameters | None = kwargs.get("params")
        if params is None or "config" not in params:
            return super().call_procedure(endpoint, *args, **kwargs)
        params["config"]["jobId"] = self.job
        if not endpoint.endswith(".stream"):
            return super().call_procedure(endpoint, *args, **kwargs)
        return self._lists(endpoint, params)

    def _lists(self, endpoint: str, params: CallParameters) -> DataFrame:
        names = columns(self._driver, str(self._database), endpoint)
        lists = ", ".join(f"collect({name}) AS {name}" for name in names)
        call = f"CALL {endpoint}({params.placeholder_str()}) YIELD {', '.join(names)}"
        found = self.run_cypher(
            f"{call} RETURN {lists}, count(*) AS rows", QueryType.USER_TRANSPILED, dict(params)
        )
        row = found.iloc[0]
        # a column of nulls collects nothing
        return DataFrame({name: row[name] for name in names if len(row[name]) == row["rows"]})

    def _wrap_query(self, query: str, query_type: QueryType) -> neo4j.Query:
        data = {"app": "graphsvc", "job": self.job}
        return neo4j.Query(query, metadata=data, timeout=LONGEST_SECONDS)


@cache
def columns(driver: neo4j.Driver, database: str, endpoint: str) -> tuple[str, ...]:
    """The columns that a procedure yields."""
    query = "SHOW PROCEDURES YIELD name, returnDescription AS columns WHERE name = $name RETURN columns"
    with driver.session(database=database) as session:
        described = session.run(query, name=endpoint).single(strict=True)["columns"]
    return tuple(column["name"] for column in described)


def client(driver: neo4j.Driver, database: str, job: str) -> GraphDataScience:
    """A client for one job."""
    return GraphDataScience(Runner(driver, database, job), arrow=False, show_progress=False)
