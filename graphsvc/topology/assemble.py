"""From columns of records and links to the arrays of a generation. Pure: no input or output."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from graphsvc.topology.layout import (
    ALWAYS,
    CONFIDENCE_AT,
    DEGREE,
    FAR,
    IDENTITY,
    INWARD,
    SHIFT,
    SKIP_AT,
    START,
    TIE_START,
    TIES,
)
from graphsvc.topology.names import Names

Array = npt.NDArray[Any]

DATED_KINDS = ("Event", "Transaction")
"""Kinds whose time is that of the links to them, where those have none of their own."""
JUDGEMENT = "SAME_AS"


class Nodes(msgspec.Struct):
    """Columns of records: ``keys`` holds a list each; days are day numbers or ``None``-free sentinels.

    ``first`` and ``last`` are those of events and payments, ``FAR`` and ``-FAR`` elsewhere.
    """

    ids: list[str]
    kind: Array
    handling: Array
    retain: Array
    first: Array
    last: Array
    keys: Mapping[int, Sequence[str]]


class Links(msgspec.Struct):
    """Columns of links. ``ids`` are a list or an Arrow column, ``from_`` and ``to`` places in the list of records;
    ``judged`` says what a ``SAME_AS`` link decided: 0 nothing, 1 the same, 2 otherwise."""

    ids: Any
    type: Array
    from_: Array
    to: Array
    handling: Array
    retain: Array
    first: Array
    last: Array
    confidence: Array
    judged: Array


def link_name(id_: str, type_code: int) -> str:
    """The name of a link in the table: ids are unique within their type."""
    return f"{id_}\t{chr(48 + type_code)}"


def judged(type_: str, decision: str | None) -> int:
    """What a link says of identity: 0 nothing, 1 the same, 2 something else."""
    if type_ != JUDGEMENT or decision is None:
        return 0
    return 1 if decision == "same" else 2


def link_names(links: Links) -> Any:
    """The names of all links as one Arrow column: as ``link_name``, without an object for each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = np.array([chr(48 + code) for code in range(INWARD)], object)
    ids = _column(links.ids)
    ends = pa.DictionaryArray.from_arrays(links.type.astype(np.int32), pa.array(codes, pa.large_string()))
    return pc.binary_join_element_wise(ids, ends.cast(pa.large_string()), pa.scalar("\t", pa.large_string()))


def _column(texts: Any) -> Any:
    import pyarrow as pa

    return pa.array(texts, pa.large_string()) if isinstance(texts, list) else texts


def in_order(texts: Any) -> tuple[Array, Names]:
    """The order of texts as bytes, and their sorted table. Memory stays in flat buffers."""
    import pyarrow.compute as pc

    column = _column(texts)
    order = pc.sort_indices(column)
    ordered = column.take(order)
    _, ends, blob = ordered.buffers()
    size = len(ordered)
    if not size:
        return np.zeros(0, np.int64), Names(np.zeros(0, np.uint8), np.zeros(0, np.int64))
    limits = np.frombuffer(ends, np.int64, size + 1)
    return order.to_numpy().astype(np.int64), Names(
        np.frombuffer(blob, np.uint8)[limits[0] : limits[-1]], limits[1:] - limits[0]
    )


def arrays(nodes: Nodes, links: Links, digests: Sequence[str]) -> dict[str, Array]:
    """All arrays of a generation. ``digests`` of the handlings give an order that no number tells."""
    order, ids = in_order(nodes.ids)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    link_order, names = in_order(link_names(links))
    links = _reordered(links, link_order, place)
    card = np.zeros((len(order), 8), np.int32)
    card[:, 0] = nodes.handling[order] + SHIFT
    card[:, 1] = nodes.retain[order]
    card[:, 2] = nodes.kind[order]
    _borrow_days(links, nodes, order)
    result: dict[str, Array] = {"card": card}
    result |= _entries(card, links, ranks(digests))
    result |= _ties(card, {int(place[at]): keys for at, keys in nodes.keys.items()}, links)
    result |= {"ids": np.asarray(ids.blob), "id_ends": ids.ends}
    result |= {"link_from": links.from_, "links": np.asarray(names.blob), "link_ends": names.ends}
    return result


def ranks(digests: Sequence[str]) -> Array:
    """The order of handlings by what they say, in kernels' numbers."""
    order = np.empty(len(digests) + SHIFT, np.int32)
    order[:SHIFT] = 0
    order[SHIFT + np.argsort(np.array(digests, dtype=object))] = np.arange(len(digests)) + SHIFT
    return order


def _reordered(links: Links, order: Array, place: Array) -> Links:
    return Links(
        [],
        links.type[order],
        place[links.from_[order]],
        place[links.to[order]],
        links.handling[order] + SHIFT,
        links.retain[order],
        links.first[order],
        links.last[order],
        links.confidence[order],
        links.judged[order],
    )


def _borrow_days(links: Links, nodes: Nodes, order: Array) -> None:
    """A link without days of its own has those of the event or payment that it belongs to."""
    first, last = nodes.first[order], nodes.last[order]
    for ends in (links.from_, links.to):
        undated = links.first == FAR
        links.first[undated] = first[ends[undated]]
        links.last[undated] = last[ends[undated]]


def _entries(card: Array, links: Links, rank: Array) -> dict[str, Array]:
    from graphsvc.topology.kernels.sort import counting_order, run_skips

    number = np.flatnonzero((links.from_ != links.to) & (links.judged == 0)).astype(np.int32)
    source = np.concatenate((links.from_[number], links.to[number]))
    target = np.concatenate((links.to[number], links.from_[number]))
    kind = links.type[number].astype(np.uint8)
    kind = np.concatenate((kind, kind | INWARD))
    number = np.concatenate((number, number))
    order = np.arange(len(number), dtype=np.int64)
    size = len(card)
    # a stable sort a column, the least important first; links stand in the order of their ids already
    order = np.concatenate((order[: len(order) // 2, None], order[len(order) // 2 :, None]), axis=1).ravel()
    for column, most in (
        (kind, 256), (target, size), (rank[links.handling[number]], len(rank)), (source, size),
    ):  # fmt: skip
        order = order[counting_order(column[order], most)]
    source = source[order]
    number = number[order]
    degree = np.bincount(source, minlength=size)
    card[:, DEGREE] = degree
    card[:, START] = np.cumsum(degree) - degree
    handling = links.handling[number].astype(np.int32)
    skips = run_skips(source, handling)
    hot = (
        target[order],
        handling,
        links.retain[number],
        packed(kind[order], links.confidence[number], skips),
    )
    return {"hot": _table(hot), "cold": _table((number, links.first[number], links.last[number]))}


def _table(columns: Sequence[Array]) -> Array:
    """Columns side by side, with no copy between."""
    table = np.empty((len(columns[0]), len(columns)), np.int32)
    for at, column in enumerate(columns):
        table[:, at] = column
    return table


def packed(type_: Array, confidence: Array, skip: Array) -> Array:
    """The last column of hot entries."""
    return (
        type_.astype(np.int32)
        | confidence.astype(np.int32) << CONFIDENCE_AT
        | skip.astype(np.int32) << SKIP_AT
    )


def _ties(card: Array, keys: Mapping[int, Sequence[str]], links: Links) -> dict[str, Array]:
    names = sorted({key for held in keys.values() for key in held}, key=str.encode)
    number = {key: at for at, key in enumerate(names)}
    pairs = [(node, number[key]) for node, held in keys.items() for key in held]
    judged = np.flatnonzero((links.judged == 1) & (links.from_ != links.to))
    tie_card = np.empty((len(names) + len(judged), 4), np.int32)
    tie_card[: len(names)] = (ALWAYS, FAR, 0, -1)
    tie_card[len(names) :, 0] = links.handling[judged]
    tie_card[len(names) :, 1] = links.retain[judged]
    tie_card[len(names) :, 2] = links.confidence[judged]
    tie_card[len(names) :, 3] = judged
    of_links = np.arange(len(names), len(tie_card), dtype=np.int64)
    known = np.array(pairs, np.int64).reshape(-1, 2)
    node = np.concatenate((known[:, 0], links.from_[judged], links.to[judged]))
    tie = np.concatenate((known[:, 1], of_links, of_links))
    members = np.bincount(tie, minlength=len(tie_card))
    shared = node[members[tie] > 1]
    card[shared, 2] |= IDENTITY
    by_node, by_tie = np.lexsort((tie, node)), np.lexsort((node, tie))
    table = Names.of(names)
    held = np.bincount(node, minlength=len(card))
    card[:, TIES] = held
    card[:, TIE_START] = np.cumsum(held) - held
    return {
        "tie": tie[by_node],
        "tie_card": tie_card,
        "holder_start": np.cumsum(members) - members,
        "holder_degree": members,
        "holder": node[by_tie],
        "keys": np.asarray(table.blob),
        "key_ends": table.ends,
    }
