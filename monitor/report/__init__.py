"""The breach report: one typed shape, several formats."""
