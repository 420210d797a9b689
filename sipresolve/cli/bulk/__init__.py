"""``sipresolve enum`` for many numbers: a line each in, and a line of JSON each out, in order."""
