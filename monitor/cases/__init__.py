"""Unit tests of covenants: test files read, worlds built, expectations held against the report, boundaries tried."""
