"""What a model would answer, given the truth: predictions as good as stated, and as bad."""
