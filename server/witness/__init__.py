"""A witness as a process: its folder, its looks at the logs it follows, its listening address."""
