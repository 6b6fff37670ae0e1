"""Replays over real markets held to a count by hand: warnings, fails and false alarms from the prints alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from monitor.cases.run import run
from monitor.cases.text import summary_text
from monitor.replay.run import replay
from monitor.replay.verdict import verdicts
from monitor.session import open_desk
from tests.monitor.replay.asked import DAY, day, days, track, verdict, word
from tests.monitor.replay.market import history_desk, prints, write
from tests.rules.shipped import DESKS


class Count(NamedTuple):
    """What a person with a ruler says of a column of words."""

    amber: dt.date | None
    fail: dt.date | None
    warning: int | None
    false: list[dt.date]


def by_hand(found: list[tuple[dt.date, str]], within: int = 90) -> Count:
    """An alarm begins with a watch or a fail and ends with the next pass; days of which nothing is known neither begin nor end one."""
    alarms: list[tuple[dt.date, list[tuple[dt.date, str]], bool]] = []
    running = False
    for when, said in found:
        if said in ("watch", "fail") and not running:
            alarms.append((when, [], False))
            running = True
        if running and said == "pass":
            alarms[-1] = (*alarms[-1][:2], True)
            running = False
        elif running:
            alarms[-1][1].append((when, said))
    fails = [when for when, said in found if said == "fail"]
    led = next((begun for begun, during, _ in alarms if fails and fails[0] in [when for when, _ in during]), None)
    false = [
        begun for begun, during, ended in alarms
        if ended and "fail" not in [said for _, said in during] and not any(begun <= when <= begun + DAY * within for when in fails)
        and found[-1][0] >= begun + DAY * within
    ]  # fmt: skip
    amber = next((when for when, said in found if said == "watch"), None)
    return Count(amber, fails[0] if fails else None, (fails[0] - led).days if fails and led else None, false)


def judged(ratio: float | None, good: Callable[[float], bool], room: Callable[[float], float], near: float) -> str:
    return "indeterminate" if ratio is None else "fail" if not good(ratio) else "watch" if room(ratio) < near else "pass"


def test_the_known_days_of_2022_stand_as_cases() -> None:
    root = history_desk("2021-12-01", "2025-01-01")
    (root / "tests").mkdir()
    (root / "tests" / "known.toml").write_text(Path(__file__).with_name("known-2022.toml").read_text())
    made = run([], root)
    assert made.exit_code == 0 and made.count("ok") == 3, summary_text(made)


def test_mara_is_never_called_without_a_public_level_and_its_ratio_is_that_of_every_close() -> None:
    closes = dict(prints("crypto.csv", "BTC-USD.close"))
    made = replay(open_desk(history_desk("2025-12-01", "2026-10-08")), days("2025-12-31", "2026-10-07"))
    told, one = verdict(made, "mara-lines", "ltv"), track(made, "mara-lines", "ltv")
    assert (told.first_amber, told.first_fail, told.first_open, told.false_alarms, told.changes) == (None, None, None, [], [])
    assert set(one.legal) == {"compliant"} and "fail" not in {word(code) for code in one.indicative}
    assert one.actual.tolist() == pytest.approx([350e6 / (5_938 * closes[f"{when}"]) for when in made.days], rel=1e-12)
    at = max(range(len(made.days)), key=lambda n: one.actual[n])
    assert (made.days[at], round(one.actual[at], 3)) == (day("2026-06-30"), 1.007), "the pledge is worth less than the loan"


def test_mara_against_a_supposed_level_is_counted_by_hand() -> None:
    root = history_desk("2025-12-01", "2026-10-08")
    file = root / "facilities" / "mara-lines.toml"
    text = file.read_text()
    assert "threshold_public = false" in text
    level = 'threshold = 0.78\ntest = { frequency = "daily" }\nwatch = { headroom_pct = 0.10 }'
    file.write_text(text.replace("threshold_public = false", level))
    made = replay(open_desk(root), days("2025-12-31", "2026-10-07"))
    closes = dict(prints("crypto.csv", "BTC-USD.close"))
    ratios = [350e6 / (5_938 * closes[f"{when}"]) for when in made.days]
    words = [judged(one, lambda x: x <= 0.78, lambda x: 1 - x / 0.78, 0.10) for one in ratios]
    assert [word(code) for code in track(made, "mara-lines", "ltv").tested] == words
    told, count = verdict(made, "mara-lines", "ltv"), by_hand(list(zip(made.days, words, strict=True)))
    assert (told.first_amber, told.first_fail, told.warning_days, told.false_alarms) == count
    assert count.fail == day("2026-02-04") and set(words) == {"pass", "watch", "fail"}


GPU = """[facility]
id = "fleet"
name = "H100 fleet loan"
kind = "equipment"
borrower = "fleet"
illustrative = true
closing = 2026-02-01
maturity = 2029-12-31
[[facility.balance]]
date = 2026-02-01
outstanding = 3_000_000
[[covenant]]
id = "yield"
rule = "rent_yield"
operator = ">="
threshold = 1.35
test = { frequency = "daily" }
watch = { headroom_pct = 0.15 }
[quantity.rent_yield]
title = "A year of rent over the cost of the money"
formula = 'mark("H100-SXM.rent.ondemand") * 8_760 * 0.6 / (30_000 * (mark("SOFR.rate") + 0.20))'
unit = "USD/GPU-hour"
"""
GPU_DESK = """[desk]
name = "Rents"
timezone = "UTC"
[[series]]
match = "H100-SXM.rent.ondemand"
publication_lag = "0h"
max_age = "10d"
[[series]]
match = "SOFR.rate"
publication_lag = "1BD"
max_age = "10d"
"""


def test_gpu_rents_against_sofr_are_counted_by_hand(tmp_path: Path) -> None:
    rents, rates = prints("gpu_rental.csv", "H100_SXM.od.vast.ai"), prints("sofr.csv", "SOFR.overnight")
    rates = [row for row in rates if row[0] >= "2026-01-02"]
    (tmp_path / "facilities").mkdir()
    (tmp_path / "desk.toml").write_text(GPU_DESK)
    (tmp_path / "facilities" / "fleet.toml").write_text(GPU)
    (tmp_path / "obligors").mkdir()
    (tmp_path / "obligors" / "fleet.toml").write_text('[obligor]\nid = "fleet"\nname = "Fleet"\n')
    write(tmp_path, "H100-SXM.rent.ondemand", "USD/GPU-hour", rents)
    write(tmp_path, "SOFR.rate", "percent", rates)
    made = replay(open_desk(tmp_path), days("2026-05-01", "2026-09-05"))

    def ratio(when: dt.date) -> float | None:
        rent = [(seen, value) for date, value in rents if (seen := day(date)) <= when]
        rate = [(seen, value) for date, value in rates if _next_weekday(seen := day(date)) <= when]
        if (when - rent[-1][0]).days > 10 or (when - rate[-1][0]).days > 10:
            return None
        return rent[-1][1] * 8760 * 0.6 / (30_000 * (rate[-1][1] / 100 + 0.20))

    ratios = [ratio(when) for when in made.days]
    words = [judged(one, lambda x: x >= 1.35, lambda x: x / 1.35 - 1, 0.15) for one in ratios]
    one, told = track(made, "fleet", "yield"), verdicts(made, within=10)[0]
    assert [word(code) for code in one.tested] == words
    known = [n for n, value in enumerate(ratios) if value is not None]
    assert one.actual[known].tolist() == pytest.approx([ratios[n] for n in known], rel=1e-12)
    count = by_hand(list(zip(made.days, words, strict=True)), within=10)
    assert (told.first_amber, told.first_fail, told.warning_days, told.false_alarms) == count
    assert count.false and count.fail is not None and set(words) == {"pass", "watch", "fail", "indeterminate"}


def _next_weekday(when: dt.date) -> dt.date:
    """The next business day of a calendar that knows weekends alone, as this desk's does."""
    return when + DAY * (3 if when.weekday() == 4 else 2 if when.weekday() == 5 else 1)


def test_the_market_of_these_tests_is_not_part_of_the_project() -> None:
    assert not [path for path in DESKS.rglob("*.csv") if path.stat().st_size > 50_000]
