"""A report as one HTML file: nothing is fetched, it can be read by screen readers, in the dark and on paper."""

from pathlib import Path

from jinja2 import Environment

from graphsvc.reports import charts
from graphsvc.reports.document import Chart, Document, footing

TEMPLATE = Path(__file__).with_name("report.html")


def written(document: Document) -> str:
    """The whole file."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["drawn"] = _drawn
    environment.filters["css"] = lambda text: "".join(
        sign if sign.isalnum() or sign in " ;:,.-()…" else " " for sign in text
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(d=document, footing=footing(document))


def _drawn(chart: Chart) -> str:
    from base64 import b64encode

    return "data:image/svg+xml;base64," + b64encode(charts.svg(chart).encode()).decode()
