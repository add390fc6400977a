"""``python -m graphsvc`` is the same way in as ``graphsvc``."""

from graphsvc.cli import main

main()
