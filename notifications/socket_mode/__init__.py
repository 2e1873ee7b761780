"""Slack's Socket Mode: what people press under a message comes over a connection that we open ourselves.

Slack's own client of it tries a wrong token again every five seconds for ever, and writes the address of the
connection, which is as good as a password, into the log; so the loop here is ours, and the calls are the
SDK's.
"""

from notifications.slack_buttons import Button
from notifications.socket_mode.answering import Reply, answer
from notifications.socket_mode.listening import Listener
from notifications.socket_mode.presses import Press

__all__ = ["Button", "Listener", "Press", "Reply", "answer"]
