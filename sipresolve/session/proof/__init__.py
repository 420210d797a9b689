"""Proof by DNSSEC (RFC 4033 to 4035, 5155, 6840): what is proven of an answer, and by which chain.

Pure like the session: the time of day and the check of a signature are handed in.
"""
