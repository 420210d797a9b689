"""One run for each call, one session for each resolver: who asked what, and what is known by when.

Nothing here waits. The two drivers in ``resolver`` ask a session how far a run can go, start the
questions that it wants, wait, and deliver the answers.
"""
