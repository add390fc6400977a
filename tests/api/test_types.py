"""GraphQL types are made from structs, and each has a name of its own."""

import msgspec
import pytest

from graphsvc.api.schema import make_schema
from graphsvc.api.types import MADE, NAMES, output


def test_every_object_type_stands_for_one_struct() -> None:
    types = make_schema()._schema.type_map
    structs = [struct for name, struct in MADE.items() if name in types]
    names = [NAMES.get(struct, struct.__name__) for struct in structs]
    assert len(names) > 50
    assert len(set(names)) == len(names)


def test_a_second_struct_of_a_name_is_refused() -> None:
    made = type(
        next(iter(MADE)), (msgspec.Struct,), {"__annotations__": {"size": int}, "__doc__": "Another."}
    )
    with pytest.raises(TypeError, match="are both called"):
        output(made)
