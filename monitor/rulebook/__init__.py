"""The definitions in force as a book to read: what can be tested, how it is computed, where each wording is from."""
