"""Marks: what the desk knows of the market, read from CSV, kept by observed and known time, answered by policy."""
