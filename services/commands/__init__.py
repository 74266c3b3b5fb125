"""The commands of ``hemu``, one module per thing they look after."""
