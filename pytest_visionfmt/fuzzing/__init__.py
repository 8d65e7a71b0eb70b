"""Fuzzing a converter: calling it safely, hunting for failures, keeping and showing what was found."""
