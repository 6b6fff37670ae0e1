"""What it means: quantities, covenants, worlds, headroom, life cycles. No screen, no file format, no clock."""
