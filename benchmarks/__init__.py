"""Measures of speed and of planning, against peers and real promotions; `python -m benchmarks` lists those of speed."""
