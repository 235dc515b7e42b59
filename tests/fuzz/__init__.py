"""Random input for every reader: nothing but the errors that are meant may come out.

`python -m tests.fuzz --minutes 10` runs long; the tests run a few hundred inputs with a fixed seed.
"""
