"""Reasoning about facts of AWS that needs no resource: addresses, ports, policies, event patterns, certificates."""
