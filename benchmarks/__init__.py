"""What deployments cost: requests, time, memory. `make bench`; the results are in docs/benchmarks.md."""
