"""Findings and reports in words, for terminals and machines."""
