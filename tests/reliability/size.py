"""How large the tests of reliability are: 1 in CI; ``make soak`` sets HEMU_TEST_SIZE to more."""

import os

SIZE = int(os.environ.get("HEMU_TEST_SIZE", "1"))
