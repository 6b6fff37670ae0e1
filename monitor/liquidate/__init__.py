"""What a forced sale of collateral would bring: from a picture of the desk to its answer, in words and as JSON."""
