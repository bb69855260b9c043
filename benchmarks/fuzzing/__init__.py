"""What the fuzzer is made of; `benchmarks/fuzz.py` runs it, and the tests run a part of it."""
