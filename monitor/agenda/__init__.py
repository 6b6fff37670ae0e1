"""What is coming: dated entries of the desk, and the rollover wall of each obligor group, as text, JSON and iCalendar."""
