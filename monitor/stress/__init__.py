"""Joint stress: grids and scenarios, correlated paths, and the nearest world in which several covenants fail."""
