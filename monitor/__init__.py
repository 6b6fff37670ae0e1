"""Who is told: marks in, and the command line, reports and terminal screens out."""
