"""`python -m monitor` is the command `covenant`."""

from monitor.cli import main

raise SystemExit(main())
