"""Defects of known kinds, seeded into real repositories: which are found, and on which line.

An injector edits files of a valid overlay in memory and computes from its own edit where the defect stands. It knows
nothing of fairlead's rules, but for the names of those that ought to tell.
"""
