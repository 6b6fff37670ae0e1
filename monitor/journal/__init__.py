"""The journal: what people recorded and the marks they entered, append-only, each entry chained to the one before it."""
