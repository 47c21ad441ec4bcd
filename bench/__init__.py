"""Measured figures beside their limits: `./run.sh bench [AREA] [--size ci|full]`.

An area is a module here with `run(size) -> list[Figure]`; load and limits are in limits.toml.
"""
