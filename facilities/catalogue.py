"""Every error and warning a desk file can cause: code, name, level and what to do about it."""

from __future__ import annotations

from typing import NamedTuple

from facilities.problems import Place, Problem

LONGEST = 300
"""Characters of a message: a file may quote itself at any length."""


class Kind(NamedTuple):
    """One entry of the catalogue; `hint` is printed where the finding has no better one."""

    code: str
    name: str
    level: str
    hint: str

    def problem(self, place: Place, message: str, hint: str | None = None, longest: int = LONGEST) -> Problem:
        """A finding of this kind at `place`: the message cut to `longest` characters, the kind's own hint where none is given."""
        short = message if len(message) <= longest else message[: longest - 1] + "…"
        return Problem(self.code, self.name, place, short, self.hint if hint is None else hint, self.level)


_ROWS = (
    # any TOML file of a desk: the file, its syntax, its keys and values
    Kind("F001", "unreadable", "error", "a desk file is a plain file that the monitor may read"),
    Kind("F002", "too-big", "error", "a desk file holds one agreement; 5 MB is the limit"),
    Kind("F003", "not-utf8", "error", "save the file as UTF-8"),
    Kind("F004", "byte-order-mark", "error", "save the file as UTF-8 without a byte order mark"),
    Kind("F005", "syntax", "error", "see https://toml.io/en/v1.0.0"),
    Kind("F006", "too-deep", "error", "no table of a desk file nests deeper than six levels"),
    Kind("F011", "missing-key", "error", "add the key"),
    Kind("F012", "wrong-type", "error", "write a value of the type expected"),
    Kind("F013", "not-one-of", "error", "use one of the words listed"),
    Kind("F014", "unknown-key", "error", "remove the key; docs/desk.md lists the keys of every table"),
    Kind("F015", "not-finite", "error", "leave a figure that is not known out"),
    Kind("F016", "number-as-text", "error", "write the number without quotes"),
    Kind("F017", "out-of-range", "error", "write a number within the range"),
    Kind("F018", "bad-date", "error", 'write 2028-03-31, or "2028-03" or "2028" for a date known no better'),
    Kind("F019", "duplicate-id", "error", "give each its own id"),
    # facility files: what they say together
    Kind("F020", "duplicate-facility", "error", "one file per facility: rename or remove one"),
    Kind("F021", "unknown-obligor", "error", "add obligors/ID.toml, or correct the id"),
    Kind("F022", "ladder-not-monotone", "error", "write the rungs from the mildest to the hardest"),
    Kind("F023", "rung-level", "error", "give exactly one of above, at_or_above, below, at_or_below"),
    Kind("F024", "rung-order", "error", "the states rise: notice, call, accelerated_call, liquidation"),
    Kind("F025", "restore-beyond-trigger", "error", "restore_to lies on the safe side of its rung's level"),
    Kind("F026", "dates-unsorted", "error", "write the rows in order of date"),
    Kind("F027", "date-repeated", "error", "one row per date"),
    Kind("F028", "two-first-liens", "error", "an asset has one first lien; give the other its rank"),
    Kind("F029", "unknown-lienholder", "error", "a lien names a facility id of this desk"),
    Kind("F030", "cross-link-to-nobody", "error", "name borrower, guarantor, subsidiaries, group, parent, any, or an obligor id"),
    Kind("F031", "unknown-cross-facility", "error", "name a facility id of this desk"),
    Kind("F032", "schedule-does-not-sum", "error", "instalments and balloon add up to the principal"),
    Kind("F033", "hedge-share", "error", "a share is a fraction of the balance: between 0 and 1"),
    Kind("F034", "advance-rate", "error", "an advance rate is a fraction: between 0 and 1"),
    Kind("F035", "maturity-before-closing", "error", "check both dates"),
    Kind("F036", "test-outside-life", "warning", "check test.first against closing and maturity"),
    Kind("F037", "units-overlet", "warning", "check the units of the contracts against the collateral"),
    Kind("F038", "unprovided-mark", "error", "add the series to marks/, or correct its name"),
    Kind("F039", "no-source", "error", "cite the document, leave the figure out, or mark the facility illustrative"),
    Kind("F040", "collateral-dies-first", "warning", "the loan outlives what secures it"),
    Kind("F041", "rung-without-ladder", "error", 'rungs belong to class = "margin_ladder"'),
    Kind("F042", "ladder-without-rung", "error", "a margin ladder needs at least one rung"),
    Kind("F043", "trigger-without-on", "error", "say when the trigger switches on: on = { operator, value, tests }"),
    Kind("F044", "no-threshold", "error", "give the threshold, or say threshold_public = false"),
    Kind("F045", "bad-id", "error", "letters from a to z, digits, dots, hyphens and underscores: at most 100, the first no dot or hyphen"),
    Kind("F046", "not-a-duration", "error", "write 48h, 90d, 90D, 10BD, 3m or 2y"),
    Kind("F047", "amendment-before-closing", "error", "check the date: nothing is amended before it is agreed"),
    Kind("F048", "unknown-amended-covenant", "error", "an amendment changes a covenant of its own file"),
    Kind("F049", "bad-amendment", "error", "an amendment replaces whole values of existing keys"),
    Kind("F050", "unknown-parcel", "error", "name the id of a collateral parcel of this file"),
    Kind("F051", "negative-figure", "error", "an amount, a rate or a number of units is nothing or more"),
    Kind("F052", "share-out-of-range", "error", "a share is a fraction: between 0 and 1"),
    Kind("F053", "never-tested", "warning", "say when it is tested: test = { frequency, first }; without dates it is only indicated"),
    Kind("F054", "no-exchange-rate", "warning", "add the series to marks/: without it what mixes currencies is unknown"),
    Kind("F055", "balances-twice", "warning", "keep balances with the tranches, or of the whole loan alone"),
    Kind("F056", "draw-of-no-tranche", "error", 'name the tranche that was drawn: tranche = "ID"'),
    Kind("F057", "sculpted-balloon", "warning", "state the balloon, or check the case, the target and the maturity"),
    Kind("F058", "amendment-outside-life", "warning", "check the dates: a loan is amended while it runs, and ends after that day"),
    Kind("F059", "ratio-for-percent", "warning", "write 10.5 for 10.5 %; if so small a percentage is meant, leave it"),
    Kind("F060", "unread-line", "warning", "correct the name, or declare it in a rule file: [line.NAME]; docs/formulas.md has more"),
    Kind("F061", "odd-delivery", "warning", "check both dates: a report comes after its period, and not years after"),
    Kind("F062", "payments-beyond-maturity", "warning", "check the count; where a rest is meant to be left, state it as the balloon"),
    Kind("F070", "bad-location", "error", "write an ISO 3166 code: a country such as US or GB, or a subdivision such as US-TX"),
    Kind("F071", "bad-rating", "error", "write the letters of one agency: BBB- (S&P, Fitch), Baa3 (Moody's), BBB (low) (DBRS), or NR"),
    Kind("F072", "hashrate-twice", "error", "give hashrate_ph, or units and th_per_unit"),
    Kind("F073", "pool-fee-percent", "error", "a pool fee is a fraction: 0.02 for 2 %"),
    # obligor files
    Kind("O001", "duplicate-obligor", "error", "one file per obligor: rename or remove one"),
    Kind("O002", "unknown-parent", "error", "a parent is an obligor id of this desk"),
    Kind("O003", "unknown-debt-facility", "error", "debt.facility is a facility id of this desk; leave it out for other debt"),
    # desk.toml
    Kind("D001", "no-desk", "error", "a desk is a folder with a desk.toml; the README shows a small one"),
    Kind("D002", "unknown-timezone", "error", "use a name of the IANA database, such as Europe/London"),
    Kind("D003", "empty-band", "error", "min lies below max"),
    Kind("D004", "bad-decay", "error", "annual_decay is the fraction lost in a year: below 1"),
    Kind("D005", "bad-driver", "error", "give volatility (or volatility_bp of a rate) and a sign of 1 or -1"),
    Kind("D006", "bad-correlation", "error", "name two series or prefixes, and a value between -1 and 1"),
    Kind("D007", "impossible-correlations", "error", "no marks can move so: bring the values nearer to 0"),
    Kind("D008", "bad-pricing", "error", "the order names all four steps once, and the horizon is 3m to 30y"),
    Kind("D009", "bad-liquidity", "error", "one row an asset; slower sales bring more; what one key needs stands beside it"),
    Kind("D010", "nothing-to-sell", "warning", "name an asset of [[collateral]] or [[treasury]]"),
    # scenario files
    Kind("W001", "scenario-repeated", "error", "give each scenario its own id"),
    Kind("W002", "empty-scenario", "error", "add a shock, a window, a reject or an unhedge"),
    Kind("W003", "shock-without-size", "error", "give exactly one of change, level, change_bp"),
    Kind("W004", "falls-beyond-nothing", "error", "a mark can lose all of itself and no more: change is at least -1"),
    Kind("W005", "basis-points-of-a-price", "error", "change_bp moves series of the kind rate; change moves the others"),
    Kind("W006", "window-reversed", "error", "from lies before to"),
    Kind("W007", "unknown-party", "error", "name a facility, customer or counterparty of this desk"),
    Kind("W008", "unknown-series", "error", "name a series that has marks, or a prefix of one"),
    # sector.toml
    Kind(
        "S001", "claim-without-rule", "error", "give exactly one of growth, level, own_peak, yearly_change, margins, and what it is about"
    ),
    Kind("S002", "unknown-measure", "error", "describe it: [measure.ID] with a title and a unit"),
    Kind("S003", "unknown-group", "error", "name an obligor group of this desk"),
    Kind("S004", "idle-deal", "error", "give spread_bp or fixed_pct, or say gpu_backed = true"),
    Kind("S005", "fact-twice", "error", "one figure per measure and date; another source that counts otherwise is another measure"),
    Kind("S006", "period-backwards", "error", "the earlier date, and the smaller number, come first"),
    # rule files
    Kind("T001", "bad-name", "error", "names are lower-case letters, digits and underscores, and start with a letter"),
    Kind("T002", "empty-formula", "error", "write the formula"),
    Kind("T003", "unknown-quantity", "error", "a rule tests a quantity of the library or of this desk: docs/formulas.md lists the library"),
    Kind("T004", "defined-twice", "error", "keep one of the two: rule files have no order"),
)

CATALOGUE: dict[str, Kind] = {row.code: row for row in _ROWS}
"""Code to entry, in the order they are documented."""


def problem(code: str, place: Place, message: str, hint: str | None = None) -> Problem:
    """The finding `code` at `place`, with the catalogue's hint where none is given; KeyError on an unknown code."""
    return CATALOGUE[code].problem(place, message, hint)
