"""A loan of 60 on one bitcoin, as text: what tests of the monitor put their covenants on."""

OWED = """kind = "btc-loan"
borrower = "b"
illustrative = true
[[facility.balance]]
date = 2026-01-01
outstanding = 60
"""
COINS = """[[collateral]]
id = "coins"
asset = "BTC"
unit = "BTC"
units = 1
price = "BTC.price"
"""
