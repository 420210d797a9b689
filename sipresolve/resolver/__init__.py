"""The two pumps: they own the clock, the dice, the lock and the backend, and decide nothing."""
