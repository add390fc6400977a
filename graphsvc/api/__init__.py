"""The API: GraphQL over HTTP and web sockets, the explorer and the health checks. Holds no Cypher."""
