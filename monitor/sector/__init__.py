"""The sector: what is said about the market, held against published figures, and the groups side by side."""
