"""Eyes: one module a kind of camera.

They block in C and raise `Unavailable`; they never retry, sleep or start a thread.
"""
