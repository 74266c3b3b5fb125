"""What a good team would build instead, the way the libraries' documentation teaches it.

The peers keep the same rows in the same tables as Hemu; they need the packages of .venv-bench.
"""
