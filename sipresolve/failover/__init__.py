"""Going on when servers fail: attempts in order, and what is remembered of servers."""
