"""graphsvc: criminal network graph analysis over records that stay their owners'."""

__version__ = "0.1.0"
