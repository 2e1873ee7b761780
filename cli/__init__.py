"""The command `tocsin`: one file for each group of commands, and a folder for the parts of a large one."""
