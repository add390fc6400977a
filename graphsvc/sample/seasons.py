"""When things happen in the synthetic world: series with seasons, and shifts whose day and size are known."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from math import cos, pi

import msgspec

FIRST = date(2019, 1, 1)
LAST = date(2024, 12, 31)
DAYS = (LAST - FIRST).days + 1
LATE_LAND = "RO"
LATE_FROM = date(2022, 1, 1)
"""The source of one land starts to report in the middle: a rise there is one of reporting, not of crime."""
NEW_LANE_FROM = date(2023, 6, 1)

Lane = tuple[str, tuple[str, ...], str]  # origin, transit, destination


class Series(msgspec.Struct, frozen=True):
    """One kind of event. ``season`` is the swing in percent around the mean, at its highest in month ``peak``;
    from day ``shift_on`` its rate is ``shift`` percent of what it was."""

    name: str
    type: str
    area: str
    weight: int
    modus: tuple[str, ...]
    commodity: str = ""
    unit: str = ""
    scale: int = 0  # quantities start here
    season: int = 0
    peak: int = 7
    shift: int = 100
    shift_on: date = LAST
    lanes: tuple[Lane, ...] = ()

    @property
    def shifts(self) -> bool:
        """Whether a change is planted."""
        return self.shift != 100


NEW_LANE: Lane = ("BR", ("SN", "MA"), "ES")

SERIES = (
    Series(
        "cocaine seizures",
        "seizure",
        "DRUGS_ORGANIZED",
        14,
        ("hidden in a container", "swallowed", "mixed with fruit"),
        "cocaine",
        "kg",
        2,
        15,
        3,
        180,
        date(2022, 7, 1),
        (("CO", ("ES",), "FR"), ("CO", (), "ES"), ("EC", ("TR",), "RO"), ("PE", ("MA", "ES"), "DE")),
    ),
    Series(
        "heroin seizures",
        "seizure",
        "DRUGS_ORGANIZED",
        9,
        ("hidden in a vehicle", "by post"),
        "heroin",
        "kg",
        1,
        10,
        11,
        55,
        date(2021, 3, 1),
        (("AF", ("TR", "BG"), "DE"), ("AF", ("TR", "GR"), "IT"), ("AF", ("UA",), "FR")),
    ),
    Series(
        "cannabis seizures",
        "seizure",
        "DRUGS_ORGANIZED",
        16,
        ("hidden in a vehicle", "by small boat"),
        "cannabis",
        "kg",
        5,
        55,
        9,
        lanes=(("MA", ("ES",), "FR"), ("MA", (), "ES"), ("GR", (), "TR")),
    ),
    Series(
        "tablet seizures",
        "seizure",
        "DRUGS_ORGANIZED",
        6,
        ("by post", "hidden in a vehicle"),
        "amphetamine",
        "tablet",
        100,
        0,
        lanes=(("BG", ("TR",), "AE"), ("NL", (), "FR")),
    ),
    Series(
        "fake medicine seizures",
        "seizure",
        "INTELLECTUAL_PROPERTY",
        5,
        ("sold online", "mixed with real goods"),
        "counterfeit medicine",
        "package",
        10,
        0,
        1,
        100,
        lanes=(("CN", ("AE",), "FR"), ("IN", (), "NG")),
    ),
    Series(
        "ivory seizures",
        "seizure",
        "ENVIRONMENTAL",
        2,
        ("hidden in a container", "in luggage"),
        "ivory",
        "kg",
        3,
        0,
        lanes=(("KE", ("AE",), "CN"), ("NG", ("TR",), "CN")),
    ),
    Series(
        "trips",
        "trip",
        "HUMAN_TRAFFICKING",
        14,
        ("false job offers", "by bus", "low-cost flight"),
        season=30,
        peak=6,
        lanes=(("RO", (), "ES"), ("NG", ("MA",), "ES"), ("BG", ("GR",), "FR")),
    ),
    Series(
        "crossings",
        "crossing",
        "MIGRANT_SMUGGLING",
        12,
        ("by small boat", "hidden in a lorry", "on foot"),
        season=60,
        peak=8,
        shift=160,
        shift_on=date(2023, 4, 1),
        lanes=(("TR", (), "GR"), ("MA", (), "ES"), ("TR", ("BG",), "RO")),
    ),
    Series("calls", "call", "", 10, ("",)),
    Series("meetings", "meeting", "", 5, ("",)),
    Series("offences", "offence", "FINANCIAL", 5, ("invoice fraud", "investment fraud"), season=20, peak=12),
    Series("attacks", "attack", "CYBER", 2, ("phishing", "ransomware"), shift=200, shift_on=date(2023, 2, 1)),
)


@cache
def table(place: int) -> list[int]:
    """For series number ``place``: sums of the daily rates up to and with each day."""
    series, total, sums = SERIES[place], 0, []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        turn = 2 * pi * (day.timetuple().tm_yday / 365.25 - (series.peak - 0.5) / 12)
        rate = 1000 + round(10 * series.season * cos(turn))
        total += rate * (series.shift if day >= series.shift_on else 100)
        sums.append(total)
    return sums


def day(place: int, bits: int, *, late: bool) -> date:
    """The day of an event of that series, for 64 random bits."""
    sums = table(place)
    before = sums[(LATE_FROM - FIRST).days - 1] if late else 0
    return FIRST + timedelta(days=bisect_right(sums, before + ((sums[-1] - before) * bits >> 64)))


def lanes(series: Series, on: date) -> tuple[Lane, ...]:
    """The routes in use on a day: one for cocaine appears late."""
    if series.commodity == "cocaine" and on >= NEW_LANE_FROM:
        return (*series.lanes, NEW_LANE)
    return series.lanes


def months() -> Iterator[str]:
    """Every month of the world, as ``2019-01``."""
    for year in range(FIRST.year, LAST.year + 1):
        for month in range(1, 13):
            yield f"{year}-{month:02}"
