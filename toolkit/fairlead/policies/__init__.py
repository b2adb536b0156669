"""Policies: the program that judges objects by them, with Kubernetes' own library. It knows no file."""
