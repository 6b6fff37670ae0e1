"""What a loan must earn against what it pays: expected loss from random paths, its attribution, the market beside it, and tranches."""
