"""No query is registered unless it restricts every node and link that it binds."""

import pytest

from graphsvc.store.queries import all_names, named, parse, root
from graphsvc.store.restrictions import Predicate, restrictions
from graphsvc.store.tokens import QueryRefused

REVIEWED_BOOKS = {"checks/notices", "governance/queue", "groups/changes"}
"""Queries that read books. Whoever adds one here has made sure that no caller learns from it what is hidden."""


def day(name: str) -> str:
    return f"coalesce({name}.retain_day, $today) >= $today"


def seen(name: str) -> str:
    return f"{name}.handling IN $held AND {day(name)}"


LOOK = "CALL db.index.fulltext.queryNodes"
N, R, M = seen("n"), seen("r"), seen("m")

RESTRICTED = {
    "a node": f"MATCH (n:Entity) WHERE {N} RETURN n.id AS id",
    "a link with both ends": f"MATCH (n)-[r:HOLDS|USED]->(m) WHERE {N} AND {R} AND {M} RETURN r.id",
    "a link the other way": f"MATCH (n {{id: $id}})<-[r]-(m:Person {{name: $x}}) WHERE {N} AND {R} AND {M} RETURN r.id",
    "more conditions": f"MATCH (n:Entity) WHERE n.no >= $a AND {N} AND (n.x = 1 OR n.y = 2) RETURN n.id",
    "an optional one": f"OPTIONAL MATCH (n:Entity) WHERE {N} RETURN n.id",
    "known from before": f"MATCH (n) WHERE {N} WITH n AS m MATCH (m)-[r]-(n) WHERE {R} AND {N} RETURN count(r)",
    "an index": f"{LOOK}('i', $terms) YIELD node AS n WHERE {N} RETURN n.id",
    "a first few in order": f"MATCH (n:Entity) WHERE {N} RETURN n.id AS id ORDER BY id LIMIT 5",
    "a subquery": f"MATCH (n) WHERE {N} CALL (n) {{ MATCH (n)-[r]-(m) WHERE {R} AND {M} RETURN m }} RETURN n.id, m.id",
    "an existence": f"MATCH (n) WHERE {N} AND EXISTS {{ (n)-[r]-(m) WHERE {R} AND {M} }} RETURN n.id",
    "a count": f"MATCH (n) WHERE {N} RETURN COUNT {{ MATCH (n)-[r]-(m) WHERE {R} AND {M} }} AS links",
    "a union": f"MATCH (n) WHERE {N} RETURN n.id AS id UNION ALL MATCH (m) WHERE {M} RETURN m.id AS id",
    "a comment": f"MATCH (n) // (m)\nWHERE /* OR */ {N} RETURN 'OR (m)-[x]->()' AS text",
    "a hint": f"MATCH (n:Entity) USING INDEX n:Entity(id) WHERE n.id = $id AND {N} RETURN n.id",
}

REFUSED = {
    "no test": "MATCH (n:Entity) RETURN n.id",
    "no test of the day": "MATCH (n:Entity) WHERE n.handling IN $held RETURN n.id",
    "no test of the link": f"MATCH (n)-[r]->(m) WHERE {N} AND {M} RETURN r.id",
    "no test of an end": f"MATCH (n)-[r]->(m) WHERE {N} AND {R} RETURN r.id",
    "a test of something else": f"MATCH (n), (m) WHERE {N} RETURN m.id",
    "a test that may be false": f"MATCH (n) WHERE ({N}) OR n.x = 1 RETURN n.id",
    "or": f"MATCH (n) WHERE n.x = 1 OR {N} RETURN n.id",
    "xor": f"MATCH (n) WHERE n.x = 1 XOR {N} RETURN n.id",
    "not": f"MATCH (n) WHERE NOT {N} RETURN n.id",
    "a case": f"MATCH (n) WHERE CASE WHEN true AND {N} AND true THEN true ELSE true END RETURN n.id",
    "a test within a list": "MATCH (n) WHERE any(n IN $list WHERE n.handling IN $held) RETURN n.id",
    "a test of other handlings": f"MATCH (n) WHERE n.handling IN $a AND {day('n')} RETURN 1",
    "a test of another day": "MATCH (n) WHERE n.handling IN $held AND coalesce(n.retain_day, $today) >= $x RETURN 1",
    "a test after a gathering": f"MATCH (n) WITH n ORDER BY n.id LIMIT 5 WHERE {N} RETURN n.id",
    "a nameless node": f"MATCH (n)-[r]->() WHERE {N} AND {R} RETURN r.id",
    "a nameless link": f"MATCH (n)-->(m) WHERE {N} AND {M} RETURN n.id",
    "a nameless typed link": f"MATCH (n)-[:HOLDS]->(m) WHERE {N} AND {M} RETURN n.id",
    "a walk": f"MATCH (n)-[r*1..3]->(m) WHERE {N} AND {R} AND {M} RETURN n.id",
    "a repeated part": f"MATCH (n) (()-[r]->())+ (m) WHERE {N} AND {R} AND {M} RETURN n.id",
    "a path": f"MATCH p = (n)-[r]->(m) WHERE {N} AND {R} AND {M} RETURN length(p)",
    "a shortest path": f"MATCH p = shortestPath((n)-[r*]-(m)) WHERE {N} AND {R} AND {M} RETURN p",
    "a pattern as a condition": f"MATCH (n) WHERE {N} AND (n)-[:HOLDS]->() RETURN n.id",
    "a pattern as a list": f"MATCH (n) WHERE {N} RETURN [(n)-[r]->(m) | m.id] AS ids",
    "an existence of what is hidden": f"MATCH (n) WHERE {N} AND EXISTS {{ (n)-[r]-(m) WHERE {R} }} RETURN n.id",
    "a count of what is hidden": f"MATCH (n) WHERE {N} RETURN COUNT {{ MATCH (n)-[r]-(m) WHERE {M} }} AS links",
    "a union with what is hidden": f"MATCH (n) WHERE {N} RETURN n.id AS id UNION MATCH (m) RETURN m.id AS id",
    "a name that was let go": f"MATCH (n) WHERE {N} WITH count(n) AS m MATCH (n) RETURN n.id",
    "a name given to something else": f"MATCH (n) WHERE {N} UNWIND [n] AS x MATCH (x)-[r]-(n) WHERE {R} RETURN 1",
    "an old subquery": f"MATCH (n) WHERE {N} CALL {{ WITH n MATCH (n)-[r]-(m) RETURN m }} RETURN m.id",
    "a subquery of what is hidden": f"MATCH (n) WHERE {N} CALL (n) {{ MATCH (n)-[r]-(m) WHERE {R} RETURN m }} RETURN 1",
    "an end by function": f"MATCH (n)-[r]->(m) WHERE {N} AND {R} AND {M} RETURN endNode(r).id",
    "an unknown function": f"MATCH (n) WHERE {N} RETURN apoc.node.degree(n)",
    "an inner number": f"MATCH (n) WHERE {N} RETURN elementId(n)",
    "an unknown procedure": f"CALL db.index.fulltext.queryRelationships('i', $t) YIELD node AS n WHERE {N} RETURN 1",
    "a limit of the index": f"{LOOK}('i', $t, {{limit: 5}}) YIELD node AS n WHERE {N} RETURN 1",
    "a score": f"{LOOK}('i', $t) YIELD node AS n, score WHERE {N} RETURN n.id, score",
    "an index without a test": f"{LOOK}('i', $t) YIELD node AS n RETURN n.id",
    "a first few of no order": f"MATCH (n) WHERE {N} RETURN n.id LIMIT 5",
    "a few gathered of no order": f"MATCH (n) WHERE {N} WITH n SKIP 5 RETURN n.id",
    "a write": f"MATCH (n) WHERE {N} AND true SET n.handling = 0 RETURN n.id",
    "a clause that is not known": "SHOW DATABASES",
    "a file": "LOAD CSV FROM $x AS row RETURN row",
    "a name in backticks": f"MATCH (n), (`m`) WHERE {N} RETURN n.id",
    "an arrow of another script": f"MATCH (n)\u2013[r]\u2013(m) WHERE {N} AND {R} AND {M} RETURN n.id",
    "an escape that makes a line": f"MATCH (n) WHERE {N} // \\u000A WITH * MATCH (m)\nRETURN n.id",
    "a return within a comment": f"MATCH (n) WHERE {N} // \r WITH * MATCH (m)\nRETURN n.id",
    "a property called as": f"MATCH (n) WHERE {N} AND n.as MATCH (m) RETURN m.id",
    "two statements": f"MATCH (n) WHERE {N} RETURN n.id; MATCH (m) RETURN m.id",
    "a bracket that is open": f"MATCH (n) WHERE ({N} RETURN n.id",
    "nothing": "// purpose: none",
    "half a clause": "MATCH",
    "a condition of its own": "MATCH WHERE true RETURN 1",
}


@pytest.mark.parametrize("story", RESTRICTED)
def test_a_query_that_restricts_all_it_binds_is_registered(story: str) -> None:
    assert restrictions(RESTRICTED[story])


@pytest.mark.parametrize("story", REFUSED)
def test_a_query_that_does_not_is_refused(story: str) -> None:
    with pytest.raises(QueryRefused):
        restrictions(REFUSED[story])


def test_the_tests_are_found_where_they_stand() -> None:
    text = f"MATCH (n) WHERE {N} RETURN n.id"
    found = restrictions(text)
    assert [(test.name, test.by, text[test.start : test.end]) for test in found] == [
        ("n", "handling", "n.handling IN $held"),
        ("n", "retention", "coalesce(n.retain_day, $today) >= $today"),
    ]


@pytest.mark.parametrize("name", all_names())
def test_every_predicate_of_every_query_is_needed(name: str) -> None:
    query = named(name)

    def without(test: Predicate) -> str:
        return query.text[: test.start] + "true" + query.text[test.end :]

    for test in query.predicates:
        with pytest.raises(QueryRefused):
            restrictions(without(test), query.books)


def test_books_are_read_by_reviewed_queries_only() -> None:
    assert {name for name in all_names() if named(name).books} == REVIEWED_BOOKS


def test_a_header_that_names_books_gives_a_reason() -> None:
    with pytest.raises(QueryRefused, match="no reason"):
        parse("a", "// books: Meta\nMATCH (m:Meta) RETURN m.seq AS seq")
    query = parse(
        "a", "// books: Meta - the head of the feed stays inside\nMATCH (m:Meta) RETURN m.seq AS seq"
    )
    assert query.books == {"Meta"}


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (m:Meta), (n:Entity) RETURN n.id",
        "MATCH (m:Meta|Entity) RETURN m.id",
        "MATCH (m) RETURN m.id",
        "MATCH (m:Meta)-[r]-(n:Meta) RETURN m.id",
        "MATCH (m:Meta)-[r:HOLDS]-(n:Meta) RETURN m.id",
    ],
)
def test_records_are_no_books(text: str) -> None:
    with pytest.raises(QueryRefused):
        restrictions(text, frozenset({"Meta"}))


@pytest.mark.parametrize("label", ["Entity", "Person", "Event"])
def test_a_kind_of_record_cannot_be_called_a_book(label: str) -> None:
    with pytest.raises(QueryRefused, match="no books"):
        restrictions(f"MATCH (n:{label}) RETURN n.id", frozenset({label}))


def test_texts_in_code_that_test_a_handling_test_the_day_too() -> None:
    """A review once told an expired record from one that never was."""
    package = root().parent / "graphsvc"
    half = [
        f"{path.name}: {line.strip()}"
        for path in package.rglob("*.py")
        if path.name != "restrictions.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if "WHERE" in line and "handling IN $held" in line and "retain_day" not in line
    ]
    assert half == []
