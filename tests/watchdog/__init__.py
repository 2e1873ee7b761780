"""The watchdog on a real Postgres, with a Slack that hears it."""
