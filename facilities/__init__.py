"""What was agreed: desk files in, typed facilities, schedules and day counts out. No marks, no opinions."""
