"""Files become records and links. One module a format or kind; all share the frame in ``loaders.frame``.

Each loader has the same verbs: ``read`` a file into rows, ``check`` a row, ``shape`` it into records and
links, ``load`` the whole into the graph through a load run, ``sweep`` what a complete batch no longer holds.
"""
