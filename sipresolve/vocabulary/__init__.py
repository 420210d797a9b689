"""The words of the field as values: URIs, transports, records, targets, policy, errors.

Nothing here knows of a socket, a clock, dice or a DNS library.
"""
