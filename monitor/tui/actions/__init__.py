"""What the keys do: one module for each kind of action, put together by `monitor.tui.commands`."""
