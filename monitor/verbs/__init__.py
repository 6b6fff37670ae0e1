"""What each verb of the command does: one module per verb, with `run(arguments) -> exit code`."""
