"""The terminal screens: one more reporter over the same report."""
