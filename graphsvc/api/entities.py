"""Records as GraphQL types: one interface, and one type for each declared kind."""

from asyncio import Future
from collections.abc import Awaitable
from typing import Annotated, Any, TypeAlias

import strawberry

from graphsvc.analysis import entity as analysis
from graphsvc.analysis.evidence import Evidence, Joined
from graphsvc.analysis.links import Near, NearLink
from graphsvc.analysis.paths import Step
from graphsvc.analysis.profiles import GroupMember
from graphsvc.analysis.search import Hit
from graphsvc.api.context import Info
from graphsvc.api.types import EXTRAS, Extra, camel, declared, output
from graphsvc.errors import NotFound
from graphsvc.model.kinds import KINDS, Kind

Record: TypeAlias = analysis.Entity
RECORD: Any = Annotated["Entity", strawberry.lazy("graphsvc.api.entities")]

HELP = {
    "id": "Source and local id.",
    "kind": "Kind of record.",
    "caption": "One line for people.",
    "owner": "Contributor whose record it is, and who alone may change it.",
    "source": "Name of the source.",
    "countries": "Every country that the record names.",
    "level": "Confidentiality: OFFICIAL, RESTRICTED or CONFIDENTIAL.",
    "class_": "Protection it stands under: ordinary, minor, victim, blocked, expired.",
    "conditions": "Conditions of use that its owner set.",
    "grade": "Grading as its owner gave it.",
    "recorded_at": "When its owner recorded it.",
    "first_seen": "First day that it is known for.",
    "last_seen": "Last day that it is known for.",
    "retain_until": "Day on which it expires.",
    "keys": "Identity keys: the normalised identifiers through which records stand together.",
}


async def _cluster(root: Any, info: Info) -> analysis.Cluster:
    return await analysis.cluster(await info.context.view(), root)


def _there(found: Record | None) -> Record:
    if found is None:
        raise NotFound("There is no such record, or none that you may see.")
    return found


async def _awaited(loaded: Awaitable[Record | None]) -> Record:
    return _there(await loaded)


def _named(attribute: str, description: str) -> Extra:
    """A field with the record that a struct names by its id. NOT_FOUND when it has gone since."""

    def record(root: Any, info: Info) -> Any:
        loaded = info.context.records.load(getattr(root, attribute))
        # one that has come is shown at once: a field that waits costs several times as much
        return _there(loaded.result()) if isinstance(loaded, Future) and loaded.done() else _awaited(loaded)

    name = "record" if attribute == "id" else attribute.replace("_id", "_record")
    return Extra(name, RECORD, record, description)


def _common() -> tuple[dict[str, Any], dict[str, Any]]:
    hints = analysis.Entity.__annotations__
    fields = {
        name: strawberry.field(name=camel(name.rstrip("_")), description=text) for name, text in HELP.items()
    }
    annotations = {name: list[str] if hints[name] == tuple[str, ...] else hints[name] for name in HELP}
    cluster = output(analysis.Cluster)
    fields["cluster"] = strawberry.field(
        resolver=_cluster,
        graphql_type=cluster,
        description="All that stands together with it, as far as seen.",
    )
    annotations["cluster"] = cluster
    return fields, annotations


def _interface() -> type:
    fields, annotations = _common()

    def resolve_type(obj: Record, _info: Any, _type: Any) -> str:
        return obj.kind

    made = type(
        "Entity", (), {"__annotations__": annotations, "resolve_type": staticmethod(resolve_type), **fields}
    )
    return strawberry.interface(made, description="One record of one owner, never merged with another.")


def _own(name: str, *, many: bool) -> Any:
    def resolve(root: Any) -> Any:
        return root.fields.get(name, [] if many else None)

    return resolve


def _kind(kind: Kind, interface: type) -> type:
    annotations: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    for field in kind.fields:
        annotations[field.name] = declared(field)
        fields[field.name] = strawberry.field(
            name=camel(field.name),
            resolver=_own(field.name, many=field.many),
            graphql_type=annotations[field.name],
            description=field.help or None,
        )

    def is_type_of(obj: Any, info: Any) -> bool:
        info.context.given.note((obj.id,))
        return isinstance(obj, Record) and obj.kind == kind.name

    namespace = {"__annotations__": annotations, "is_type_of": staticmethod(is_type_of), **fields}
    return strawberry.type(type(kind.name, (interface,), namespace), description=kind.help)


NAMED: tuple[type, ...] = (Hit, analysis.Member, Near, GroupMember)
JOINING: tuple[type, ...] = (Step, Joined, Evidence, NearLink)
EXTRAS.update((struct, (_named("id", "The record."),)) for struct in NAMED)
EXTRAS.update(
    (struct, (_named("from_id", "The record there."), _named("to_id", "The record there.")))
    for struct in JOINING
)
Entity = _interface()
KIND_TYPES: tuple[type, ...] = tuple(_kind(kind, Entity) for kind in KINDS)
