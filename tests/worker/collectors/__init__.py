"""The collectors, on the real kernel, and on folders that look like one."""
