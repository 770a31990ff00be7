"""HTTP in, HTTP out: parse, delegate, shape the reply."""

# Every router's paths need the convertor that this module registers.
from medperf_api.routers import paths as paths
