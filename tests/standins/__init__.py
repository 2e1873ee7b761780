"""Stand-ins for the world outside: a Slack, a mail server, an HTTP address; real protocols on loopback.

Each runs in a thread of its own, so that synchronous and asynchronous tests and other processes can use it:
`with SlackStandIn() as slack: …`. What it received is recorded, and its next answers can be scripted.
"""
