"""One question to a few nameservers: whom to ask, how, for how long, and what counts as the answer.

Nothing here opens a socket, reads a clock or knows the DNS library. ``attempts`` holds every
decision as one generator, which the blocking and the asynchronous backend both run.
"""
