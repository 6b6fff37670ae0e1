"""Who defaults after whom: a start, a calendar rolled forward, and fire sales that move the marks, to a fixed point."""
