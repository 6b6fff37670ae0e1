"""`covenant project`: the desk rolled forward along its curves, told by facility and case."""
