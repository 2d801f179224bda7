"""The real application behind its rate limits, on a clock so fast that no driver ever meets one."""

import time

from api.limits import RateLimits
from api.main import create_app
from api.settings import Settings

HASTE = 1e4
"""A minute of this clock lasts six thousandths of a second."""

app = RateLimits(create_app(Settings()), clock=lambda: time.monotonic() * HASTE)
