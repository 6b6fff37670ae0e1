"""Measurements, run by hand with `make bench`; no test is timed. Each module `bench.X` measures one thing with `bench.paired`."""
