"""Measures of speed and of planning against peers and real promotions; run as `python -m benchmarks.NAME`."""
