"""The procedures of the RFCs, as generators: what they ask, and what they make of the answers.

A procedure opens no socket, reads no clock and rolls no dice of its own. ``ask`` says what it
yields and what it is sent.
"""
