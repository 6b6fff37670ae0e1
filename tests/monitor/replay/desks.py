"""Small desks at random: their terms, their marks and what was recorded of them."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st

from rules.events import Event
from tests.monitor.replay.asked import DAY, day, when

START = day("2026-02-20")
SPAN = 70
RATES = '[[series]]\nmatch = "SOFR.rate"\npublication_lag = "{lag}"\nmax_age = "5d"\n'
DESK = '[desk]\nname = "Random"\ntimezone = "{zone}"\n[[series]]\nmatch = "BTC.price"\npublication_lag = "{lag}"\nmax_age = "{age}"\n'
LOAN = """[facility]
id = "x"
name = "X"
kind = "btc-loan"
borrower = "b"
illustrative = true
closing = 2026-02-25
maturity = 2028-12-31
[[facility.balance]]
date = 2026-02-25
outstanding = 600
[[facility.balance]]
date = 2026-03-31
known = 2026-04-10
outstanding = {later}
[[collateral]]
id = "coins"
asset = "BTC"
units = 10
price = "BTC.price"
[[reported]]
period_end = 2026-03-31
months = 1
delivered = 2026-04-{delivered}
lines = {{ revenue_cash = {revenue}, opex_cash = 10, debt_service_cash = 30 }}
[[covenant]]
id = "ladder"
rule = "ltv"
class = "margin_ladder"
starts = "{starts}"
test = {{ frequency = "continuous" }}
rung = [{{ above = 0.50, state = "notice" }}, {{ above = 0.60, state = "call", within = "48h", restore_to = 0.55 }}]
[[covenant]]
id = "month"
rule = "ltv"
operator = "<="
threshold = 0.60
on_fail = "{on_fail}"
test = {{ frequency = "monthly", first = 2026-02-28, certificate_due_days = 12 }}
cure = {{ kind = "equity", window = "10D", from = "certificate_due" }}
[[covenant]]
id = "cash"
rule = "dscr_hist"
operator = ">="
threshold = 1.00
on_fail = "default"
grace = "5D"
test = {{ frequency = "monthly", first = 2026-02-28, certificate_due_days = 12 }}
[[covenant]]
id = "trap"
rule = "ltv"
class = "trigger"
on = {{ operator = ">", value = 0.58, tests = 2 }}
off = {{ operator = "<=", value = 0.56, tests = 2 }}
test = {{ frequency = "continuous" }}
[[amendment]]
id = "second"
signed = 2026-03-{signed}
effective = 2026-03-{effective}
[amendment.covenant.month]
threshold = 0.65
{month}
[amendment.covenant.ladder]
rung = [{{ above = 0.52, state = "notice" }}, {{ above = 0.63, state = "call", within = "24h", restore_to = 0.57 }}]
[amendment.covenant.trap]
on = {{ operator = ">", value = 0.56, tests = 1 }}
off = {{ operator = "<=", value = 0.53, tests = 3 }}
[[amendment]]
id = "first"
signed = 2026-03-05
effective = 2026-03-04
[amendment.covenant.month]
threshold = 0.62
{first}
[quantity.dscr_hist]
title = "Cover of the month"
formula = 'last1m(line("revenue_cash") - line("opex_cash")) / last1m(line("debt_service_cash"))'
unit = "x"
"""
OTHER = """[facility]
id = "y"
name = "Y"
kind = "term"
borrower = "b"
illustrative = true
[[cross_link]]
kind = "cross_default"
on_default_of = { debtors = ["borrower"] }
grace = "3D"
"""
LINE = """[facility]
id = "z"
name = "Z"
kind = "abl"
borrower = "c"
illustrative = true
closing = 2026-02-24
maturity = 2028-12-31
commitment = 800
[[facility.balance]]
date = 2026-02-24
outstanding = 500
[[facility.balance]]
date = 2026-03-20
outstanding = {later}
[interest]
benchmark = "SOFR"
spread_bp = 300
frequency = "monthly"
[[collateral]]
id = "coins"
asset = "BTC"
units = [{{ from = 2026-02-20, value = 8 }}, {{ from = 2026-03-15, value = 9 }}]
price = "BTC.price"
[[borrowing_base]]
id = "coins"
collateral = ["coins"]
value = "mark"
advance_rate = 0.50
[[borrowing_base]]
id = "receivables"
gross = [{{ from = 2026-02-20, value = 100 }}, {{ from = 2026-03-28, value = {gross} }}]
advance_rate = 0.85
{reports}
[[covenant]]
id = "daily-cover"
rule = "dscr_hist"
operator = ">="
threshold = 0.90
test = {{ frequency = "{every}", first = 2026-02-28, certificate_due_days = 12 }}
[[covenant]]
id = "cover"
rule = "dscr_hist"
operator = ">="
threshold = 0.95
test = {{ frequency = "{frequency}", first = 2026-02-28, certificate_due_days = 12 }}
[[covenant]]
id = "availability"
rule = "borrowing_base"
operator = ">="
threshold = 0
test = {{ frequency = "continuous" }}
on_fail = "{on_fail}"
grace = "1BD"
[[covenant]]
id = "sprung"
rule = "{sprung}"
class = "springing"
operator = ">="
threshold = 1.00
springs = {{ quantity = "availability", operator = "<", share = 0.10, share_of = "line_cap", value = 20{ends} }}
test = {{ frequency = "monthly", first = 2026-02-28, certificate_due_days = 12 }}
on_fail = "event_of_default"
[[covenant]]
id = "sprung-daily"
rule = "collateral_coverage"
class = "maintenance"
operator = ">="
threshold = 1.85
test = {{ frequency = "daily" }}
{springs}
[[covenant]]
id = "window"
rule = "collateral_coverage"
class = "{window}"
operator = ">="
threshold = [{{ from = 2026-03-02, value = 1.95, until = 2026-03-24 }}, {{ from = 2026-04-04, value = 1.80 }}]
test = {{ frequency = "continuous" }}
on_fail = "{other}"
[[covenant]]
id = "rate"
rule = "rate"
class = "trigger"
on = {{ operator = ">", value = 0.045, tests = {tests} }}
off = {{ operator = "<=", value = 0.043, tests = 2 }}
test = {{ frequency = "continuous" }}
[[covenant]]
id = "carry"
rule = "carry"
operator = "<="
threshold = 4.5
test = {{ frequency = "{frequency}", first = 2026-02-28 }}
on_fail = "{on_fail}"
[[covenant]]
id = "cost"
rule = "cost"
operator = "<="
threshold = 4.5
test = {{ frequency = "weekly", first = 2026-02-28 }}
[[covenant]]
id = "coupon"
rule = "carry"
class = "margin_ladder"
starts = "{starts}"
test = {{ frequency = "continuous" }}
rung = [{{ above = 4.2, state = "notice" }}, {{ above = 4.6, state = "call", within = "48h", restore_to = 4.4 }}]
[[covenant]]
id = "certificate"
rule = "reporting"
class = "reporting"
test = {{ frequency = "monthly", first = 2026-02-28, certificate_due_days = 12 }}
grace = "3D"
[[amendment]]
id = "looser"
signed = 2026-03-18
effective = 2026-03-{effective}
[amendment.covenant.availability]
threshold = -30
[amendment.covenant.sprung]
operator = ">"
threshold = 1.6
[amendment.covenant.carry]
operator = ">="
on_fail = "default"
[amendment.covenant.cover]
test = {{ frequency = "monthly", first = 2026-02-28, certificate_due_days = {due} }}
[amendment.interest]
spread_bp = 900
[amendment.facility]
commitment = 900
[quantity.dscr_hist]
title = "Cover of the month"
formula = 'last1m(line("revenue_cash") - line("opex_cash")) / last1m(line("debt_service_cash"))'
unit = "x"
[quantity.cost]
title = "Interest of the next month"
formula = 'next1m(interest)'
unit = "money"
[quantity.rate]
title = "The rate"
formula = 'mark("SOFR.rate")'
unit = "fraction"
[quantity.carry]
title = "The rate times the price"
formula = 'mark("SOFR.rate") * mark("BTC.price")'
unit = "USD/BTC"
"""
AMENDED = (
    "", 'operator = ">="', 'operator = "<"\nround = 1', 'on_fail = "event_of_default"', 'on_fail = "default"\ngrace = "2D"',
    'cure = { kind = "equity", window = "3D", from = "test_date" }',
)  # fmt: skip
"""What an amendment may change of a covenant beside its level."""
SPRINGS = 'springs = { quantity = "availability", operator = "<", value = 30 }'
KINDS = ("waiver", "forbearance", "notice", "reservation_of_rights", "prepayment", "collateral_posted", "default", "acceleration")


@st.composite
def desks(draw: st.DrawFn) -> tuple[Path, list[Event]]:
    """A folder of its own, and what was recorded."""
    root = Path(tempfile.mkdtemp())
    (root / "facilities").mkdir()
    (root / "marks").mkdir()
    (root / "obligors").mkdir()
    for name in ("b", "c"):
        (root / "obligors" / f"{name}.toml").write_text(f'[obligor]\nid = "{name}"\nname = "{name}"\n')
    zone, lag, age = (draw(st.sampled_from(one)) for one in (("UTC", "America/New_York"), ("0h", "30h"), ("36h", "5d")))
    (root / "desk.toml").write_text(DESK.format(zone=zone, lag=lag, age=age))
    terms = LOAN.format(
        later=draw(st.sampled_from((500, 600, 640))), delivered=draw(st.sampled_from(("10", "14"))),
        revenue=draw(st.sampled_from((20, 45))),
        starts=draw(st.sampled_from(("notice", "trigger"))), on_fail=draw(st.sampled_from(("default", "event_of_default"))),
        signed=draw(st.sampled_from(("10", "20"))), effective=draw(st.sampled_from(("08", "15"))),
        month=draw(st.sampled_from(AMENDED)), first=draw(st.sampled_from(AMENDED)),
    )  # fmt: skip
    (root / "facilities" / "x.toml").write_text(terms)
    (root / "facilities" / "y.toml").write_text(OTHER)
    with (root / "marks" / "m.csv").open("w") as out:
        out.write("series,date,value,unit,source,known_at\n")
        for n in range(SPAN):
            if draw(st.integers(0, 4)):
                out.write(f"BTC.price,{START + DAY * n},{draw(st.integers(92, 130))},USD/BTC,one,\n")
        for n in draw(st.lists(st.integers(0, SPAN - 1), max_size=2, unique=True)):
            late = START + DAY * (n + draw(st.integers(1, 9)))
            out.write(f"BTC.price,{START + DAY * n},{draw(st.integers(92, 130))},USD/BTC,one,{late}\n")
    return root, draw(st.lists(happenings(), max_size=3))


@st.composite
def lines(draw: st.DrawFn) -> tuple[Path, list[Event]]:
    """A borrowing base: springing covenants, triggers and ladders on a rate published late, a certificate, a level in force for a while."""
    root = Path(tempfile.mkdtemp())
    (root / "facilities").mkdir()
    (root / "marks").mkdir()
    (root / "obligors").mkdir()
    for name in ("b", "c"):
        (root / "obligors" / f"{name}.toml").write_text(f'[obligor]\nid = "{name}"\nname = "{name}"\n')
    zone, lag = draw(st.sampled_from(("UTC", "America/New_York"))), draw(st.sampled_from(("0h", "1BD", "3d")))
    (root / "desk.toml").write_text(DESK.format(zone=zone, lag="0h", age="5d") + RATES.format(lag=lag))
    terms = LINE.format(
        later=draw(st.sampled_from((480, 520, 0))), gross=draw(st.sampled_from((60, 140))),
        reports="".join(draw(st.lists(reports(), min_size=1, max_size=4))), every=draw(st.sampled_from(("daily", "monthly"))),
        on_fail=draw(st.sampled_from(("default", "event_of_default"))),
        springs=draw(st.sampled_from(("", "", SPRINGS))),
        ends=draw(st.sampled_from(("", ", ends_after_days = 9"))), tests=draw(st.integers(1, 3)),
        window=draw(st.sampled_from(("maintenance", "springing"))), other=draw(st.sampled_from(("default", "event_of_default"))),
        sprung=draw(st.sampled_from(("dscr_hist", "collateral_coverage"))), starts=draw(st.sampled_from(("notice", "trigger"))),
        frequency=draw(st.sampled_from(("weekly", "monthly"))), effective=draw(st.sampled_from(("16", "22"))),
        due=draw(st.sampled_from((12, 20))),
    )  # fmt: skip
    (root / "facilities" / "z.toml").write_text(terms)
    with (root / "marks" / "m.csv").open("w") as out:
        out.write("series,date,value,unit,source,known_at\n")
        for n in range(SPAN):
            at = draw(st.sampled_from((START + DAY * n, f"{START + DAY * n}T15:00:00Z")))
            if draw(st.integers(0, 4)):
                out.write(f"BTC.price,{at},{draw(st.integers(92, 130))},USD/BTC,one,\n")
            if (START + DAY * n).weekday() < 5:
                out.write(f"SOFR.rate,{START + DAY * n},{draw(st.integers(39, 47)) / 10},percent,one,\n")
        n = draw(st.integers(5, SPAN - 10))
        out.write(f"SOFR.rate,{START + DAY * n},4.9,percent,one,{START + DAY * (n + 6)}\n")
    return root, draw(st.lists(happenings("z", ("availability", "sprung", "carry", "certificate")), max_size=3))


@st.composite
def reports(draw: st.DrawFn) -> str:
    """A certified month: delivered in turn, late, out of turn or anew."""
    month, lag, revenue = draw(st.sampled_from(("2026-02-28", "2026-03-31"))), draw(st.integers(3, 40)), draw(st.integers(20, 60))
    lines = f"lines = {{ revenue_cash = {revenue}, opex_cash = 10, debt_service_cash = 30 }}"
    return f"[[reported]]\nperiod_end = {month}\nmonths = 1\ndelivered = {day(month) + DAY * lag}\n{lines}\n"


@st.composite
def happenings(draw: st.DrawFn, facility: str = "x", covenants: tuple[str, ...] = ("month", "ladder")) -> Event:
    kind, at = draw(st.sampled_from(KINDS)), draw(st.integers(8, SPAN - 5))
    effective = when(str(START + DAY * at)) + dt.timedelta(hours=draw(st.integers(0, 23)))
    known = effective + DAY * draw(st.integers(0, 6))
    excuse = kind in ("waiver", "forbearance")
    return Event(
        id=f"{kind}-{at}", kind=kind, facility=facility, effective=effective, known=known, by="desk",
        covenant=draw(st.sampled_from((None, *covenants))) if kind in ("waiver", "forbearance", "notice", "default") else None,
        until=effective + DAY * 9 if excuse and (kind == "forbearance" or draw(st.booleans())) else None,
        amount=Decimal(40) if kind == "prepayment" else None, units=Decimal(1) if kind == "collateral_posted" else None,
        collateral="coins" if kind == "collateral_posted" else None,
    )  # fmt: skip
