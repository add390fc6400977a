"""What Neo4j holds and how it gets there: driver, named queries, generated writes, schema, load runs."""
