"""The policy file: when the AI hands over, what a conversation is about, where its ticket goes.

`loading.load` reads and checks it, `compiled.compile_policy` makes it ready to decide with, `topics` and `routing`
answer with it. Nothing here reads a clock, a file or the network.
"""
