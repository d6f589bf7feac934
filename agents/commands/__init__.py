"""The `handoff` command, one module per group of subcommands.

Each module has `add(subparsers)`; what it sets as `run` takes the parsed arguments and returns an exit code.
Exit 0: done. 1: the answer is no (a check failed). 2: refused, with one line on standard error.
"""
