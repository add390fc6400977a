"""Where things come from and go to, in a report of trends."""

from graphsvc.analysis.flows import Flows, RouteFlow
from graphsvc.reports import charts, maps
from graphsvc.reports.document import HIDDEN, SHOWN, Chart, Section, Table, figure, shown


def routes(found: Flows) -> Section:
    """Where things come from and go to."""
    remark = (found.remark,) if found.remark else ()
    if not found.flows:
        none = (
            "No route may be shown."
            if remark
            else "No event of the period has both an origin and a destination."
        )
        return Section("Routes", (none, *remark))
    listed = found.flows[:SHOWN]
    drawn = tuple(chart for chart in _drawn(listed) if chart is not None)
    columns = ("Origin", "Transit", "Destination", "Events", "Before", f"Quantity ({found.unit})", "State")
    rows = tuple(
        (
            flow.origin, " > ".join(flow.transit), flow.destination, shown(flow.events), shown(flow.baseline),
            shown(flow.quantity), HIDDEN if flow.state is None else flow.state,
        )
        for flow in listed
    )  # fmt: skip
    balance = tuple(
        (one.country, one.region or "", shown(one.out), shown(one.through), shown(one.into))
        for one in found.balance[:SHOWN]
    )
    ends = ("Country", "Desk", "Out", "Through", "In")
    tables = (
        Table("Routes", columns, rows, frozenset({3, 4, 5}), found.remark or ""),
        Table("Balance by country", ends, balance, frozenset({2, 3, 4})),
    )
    return Section("Routes", tuple(_said(found, listed)), drawn, tables)


def _said(found: Flows, listed: tuple[RouteFlow, ...]) -> list[str]:
    said = []
    if found.routed is not None and found.concentration is not None:
        said.append(
            f"{figure(found.routed)} of {shown(found.n)} events have an origin and a destination; the concentration of "
            f"routes (HHI) is {found.concentration:.3f}."
        )
    if new := [flow for flow in listed if flow.state == "new"]:
        said.append(f"New, seen by at least two reporters: {', '.join(_route(flow) for flow in new[:6])}.")
    return said + [
        f"{one.fallen} fell by {one.lost} while {one.risen} rose by {one.gained}: the route may have moved."
        for one in found.displaced[:5]
    ]


def _drawn(listed: tuple[RouteFlow, ...]) -> tuple[Chart | None, Chart | None]:
    """Map and bars of the routes whose number may be shown."""
    open_ = [(flow, flow.events) for flow in listed if flow.events]
    if not open_:
        return None, None
    arcs = [maps.Arc(flow.origin, flow.destination, events, flow.state or "") for flow, events in open_]
    bars = [(_route(flow), events) for flow, events in open_[:15]]
    return maps.flows("Flows on the map", arcs), charts.bars("Most frequent routes", bars, "events")


def _route(flow: RouteFlow) -> str:
    return " > ".join((flow.origin, *flow.transit, flow.destination))
