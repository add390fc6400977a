"""The private Neo4j, for machines without one: real Neo4j Community with Graph Data Science, from plain jars."""

from graphsvc.localdb.server import Server, start, status, stop, verify_own, verify_own_async

__all__ = ["Server", "start", "status", "stop", "verify_own", "verify_own_async"]
