"""Replay: what the monitor would have said day by day, with what was known then."""
