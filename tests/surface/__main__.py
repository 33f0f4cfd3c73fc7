"""`python -m tests.surface` writes the surface of the version in pyproject.toml, for its release."""

from tests.surface.released import write

if __name__ == "__main__":
    print(f"wrote {write().name}")
